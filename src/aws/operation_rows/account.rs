//! What is of the whole account: alarms, topics, pricing plans and the tags of everything.

macro_rules! account_rows {
    ({ $($before:tt)* } $next:ident $($then:ident)*) => {
        $next! { {
            $($before)*

            /// Alarms of ours in us-east-1, or the one of that name; without tags.
            CloudWatch List "DescribeAlarms" DescribeAlarms / describe_alarms { name: Option<String>, marker: Option<String> } -> Page<alarm::Content>;
            /// An alarm's tags.
            CloudWatch List "ListTagsForResource" ListAlarmTags / list_alarm_tags { arn: String } -> Tags;
            /// Makes or replaces an alarm; tags are taken only when it is made.
            CloudWatch Put "PutMetricAlarm" PutMetricAlarm / put_metric_alarm { name: String, settings: alarm::Settings, tags: Tags } -> ();
            /// Deletes an alarm.
            CloudWatch Delete "DeleteAlarms" DeleteAlarm / delete_alarm { name: String } -> ();
            /// Adds or replaces tags.
            CloudWatch Tag "TagResource" TagAlarm / tag_alarm { arn: String, tags: Tags } -> ();
            /// Removes tags.
            CloudWatch Tag "UntagResource" UntagAlarm / untag_alarm { arn: String, keys: Vec<String> } -> ();

            /// The requests that each of these web ACLs of CloudFront allowed and blocked, by the minute; 250 web ACLs at most.
            CloudWatch Get "GetMetricData" CountRequests / count_requests { web_acls: Vec<String>, from: Timestamp, until: Timestamp, marker: Option<String> } -> Page<traffic::Counted>;

            /// Whether there is a topic of that ARN.
            Sns Get "GetTopicAttributes" GetTopic / get_topic { arn: String } -> ();

            /// The account's flat-rate pricing plans, with what each is for.
            PricingPlans List "ListSubscriptions" ListPricingPlans / list_pricing_plans { marker: Option<String> } -> Page<subscription::Subscription>;

            /// Tagged resources of us-east-1 (CloudFront, WAF, Lambda, ACM) whose `palisade.dev/cluster` tag is `cluster`.
            Tagging List "GetResources" ListTagged / list_tagged { cluster: String, marker: Option<String> } -> Page<Tagged>;
            /// The same of a Region's certificates and custom domain names.
            Tagging List "GetResources" ListTaggedOfRegion / list_tagged_of_region { region: String, cluster: String, marker: Option<String> } -> Page<Tagged>;
            /// The same of what serves Shield Advanced (Shield, Route 53, CloudWatch).
            Tagging List "GetResources" ListTaggedOfShield / list_tagged_of_shield { cluster: String, marker: Option<String> } -> Page<Tagged>;
        } $($then)* }
    };
}
