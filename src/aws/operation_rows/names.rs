//! Names of viewers and of origins: hosted zones, certificates and truststores.

macro_rules! names_rows {
    ({ $($before:tt)* } $next:ident $($then:ident)*) => {
        $next! { {
            $($before)*

            /// What a hosted zone is.
            Route53 Get "GetHostedZone" GetHostedZone / get_hosted_zone { id: String } -> hosted_zone::Head;
            /// A hosted zone's records, those included that are on their way to its name servers.
            Route53 List "ListResourceRecordSets" ListRecords / list_records { zone: String, marker: Option<String> } -> Page<hosted_zone::Record>;
            /// Makes a batch of changes, as a whole or not at all.
            Route53 Update "ChangeResourceRecordSets" ChangeRecords / change_records { zone: String, changes: Vec<hosted_zone::RecordChange> } -> ();

            /// Requests a certificate, to be proved through DNS; answers its ARN.
            Acm Create "RequestCertificate" RequestCertificate / request_certificate { request: certificate::Request } -> String;
            /// A certificate, without its tags.
            Acm Get "DescribeCertificate" DescribeCertificate / describe_certificate { arn: String } -> certificate::Content;
            /// A certificate's tags.
            Acm List "ListTagsForCertificate" ListCertificateTags / list_certificate_tags { arn: String } -> Tags;
            /// Adds or replaces tags.
            Acm Tag "AddTagsToCertificate" TagCertificate / tag_certificate { arn: String, tags: Tags } -> ();
            /// Removes tags.
            Acm Tag "RemoveTagsFromCertificate" UntagCertificate / untag_certificate { arn: String, keys: Vec<String> } -> ();
            /// Deletes a certificate that nothing uses.
            Acm Delete "DeleteCertificate" DeleteCertificate / delete_certificate { arn: String } -> ();

            /// Imports a client certificate into ACM in us-east-1; answers its ARN.
            Acm Create "ImportCertificate" ImportCertificate / import_certificate { pair: Box<pair::Pair>, tags: Tags } -> String;
            /// An imported certificate and the CA that signed it, PEM.
            Acm Get "GetCertificate" GetCertificate / get_certificate { arn: String } -> (String, String);

            /// Whether a bucket keeps versions.
            S3 Get "GetBucketVersioning" GetBucketVersioning / get_bucket_versioning { region: String, bucket: String } -> bool;
            /// An object's newest version and its content; the version is absent where the bucket keeps none.
            S3 Get "GetObject" GetObject / get_object { region: String, bucket: String, key: String } -> (Option<String>, String);
            /// Writes an object; answers its version, where the bucket keeps versions.
            S3 Put "PutObject" PutObject / put_object { region: String, bucket: String, key: String, content: String } -> Option<String>;
            /// An object's versions and deletion markers.
            S3 List "ListObjectVersions" ListObjectVersions / list_object_versions { region: String, bucket: String, key: String, marker: Option<String> } -> Page<String>;
            /// Deletes one version of an object.
            S3 Delete "DeleteObject" DeleteObjectVersion / delete_object_version { region: String, bucket: String, key: String, version: String } -> ();
        } $($then)* }
    };
}
