//! IAM and Lambda: functions and their roles.

macro_rules! functions_rows {
    ({ $($before:tt)* } $next:ident $($then:ident)*) => {
        $next! { {
            $($before)*

            /// Roles with trust, inline policies, boundary and tags, all paths; the caller filters by path.
            Iam List "GetAccountAuthorizationDetails" ListRoles / list_roles { marker: Option<String> } -> Page<role::Observed>;
            /// A role without its inline policies.
            Iam Get "GetRole" GetRole / get_role { name: String } -> role::Observed;
            /// Names of a role's inline policies (one page holds them all).
            Iam List "ListRolePolicies" ListRolePolicies / list_role_policies { name: String } -> Vec<String>;
            /// An inline policy's document.
            Iam Get "GetRolePolicy" GetRolePolicy / get_role_policy { name: String, policy: String } -> Value;
            /// ARNs of a role's managed policies (one page holds them all).
            Iam List "ListAttachedRolePolicies" ListAttachedRolePolicies / list_attached_role_policies { name: String } -> Vec<String>;
            /// Makes a role under [`crate::domain::kernel::identity::IAM_PATH`].
            Iam Create "CreateRole" CreateRole / create_role { role: role::Creation } -> role::Observed;
            /// Replaces the trust policy.
            Iam Update "UpdateAssumeRolePolicy" UpdateAssumeRolePolicy / update_assume_role_policy { name: String, document: Value } -> ();
            /// Writes an inline policy.
            Iam Put "PutRolePolicy" PutRolePolicy / put_role_policy { name: String, policy: String, document: Value } -> ();
            /// Deletes an inline policy.
            Iam Delete "DeleteRolePolicy" DeleteRolePolicy / delete_role_policy { name: String, policy: String } -> ();
            /// Takes a managed policy off a role; the policy itself stays.
            Iam Delete "DetachRolePolicy" DetachRolePolicy / detach_role_policy { name: String, policy: String } -> ();
            /// Sets the permissions boundary.
            Iam Put "PutRolePermissionsBoundary" PutRoleBoundary / put_role_boundary { name: String, boundary: String } -> ();
            /// Takes the permissions boundary away.
            Iam Delete "DeleteRolePermissionsBoundary" DeleteRoleBoundary / delete_role_boundary { name: String } -> ();
            /// Deletes a role without policies.
            Iam Delete "DeleteRole" DeleteRole / delete_role { name: String } -> ();
            /// Adds or replaces tags.
            Iam Tag "TagRole" TagRole / tag_role { name: String, tags: Tags } -> ();
            /// Removes tags.
            Iam Tag "UntagRole" UntagRole / untag_role { name: String, keys: Vec<String> } -> ();

            /// Functions of us-east-1; their state is not listed.
            Lambda List "ListFunctions" ListFunctions / list_functions { marker: Option<String> } -> Page<function::Configuration>;
            /// A function's unpublished configuration and its tags.
            Lambda Get "GetFunction" GetFunction / get_function { region: String, name: String } -> function::Observed;
            /// The configuration and state of the function, or of one version.
            Lambda Get "GetFunctionConfiguration" GetFunctionConfiguration / get_function_configuration { name: String, version: Option<String> } -> function::Configuration;
            /// Published versions, without `$LATEST`.
            Lambda List "ListVersionsByFunction" ListVersions / list_versions { name: String, marker: Option<String> } -> Page<function::Configuration>;
            /// Makes a function and publishes its first version, if asked to.
            Lambda Create "CreateFunction" CreateFunction / create_function { region: String, function: function::Creation } -> function::Configuration;
            /// Replaces the code and publishes a version of it, if asked to.
            Lambda Update "UpdateFunctionCode" UpdateFunctionCode / update_function_code { region: String, name: String, zip: Vec<u8>, revision: String, publish: bool } -> function::Configuration;
            /// Replaces role, runtime, handler, timeout, memory and description.
            Lambda Update "UpdateFunctionConfiguration" UpdateFunctionConfiguration / update_function_configuration { region: String, name: String, settings: function::Settings, revision: String } -> function::Configuration;
            /// Publishes the current code and configuration; answers the existing version where nothing changed.
            Lambda Create "PublishVersion" PublishVersion / publish_version { name: String, code_sha256: String } -> function::Configuration;
            /// Deletes the function, or one version.
            Lambda Delete "DeleteFunction" DeleteFunction / delete_function { region: String, name: String, version: Option<String> } -> ();
            /// A function's resource policy.
            Lambda Get "GetPolicy" GetFunctionPolicy / get_function_policy { region: String, name: String } -> Value;
            /// Lets API Gateway invoke the function for what `source` names.
            Lambda Put "AddPermission" AddPermission / add_permission { region: String, name: String, statement: String, source: String } -> ();
            /// Takes a statement out of a function's resource policy.
            Lambda Delete "RemovePermission" RemovePermission / remove_permission { region: String, name: String, statement: String } -> ();
            /// Adds or replaces tags.
            Lambda Tag "TagResource" TagFunction / tag_function { arn: String, tags: Tags } -> ();
            /// Removes tags.
            Lambda Tag "UntagResource" UntagFunction / untag_function { arn: String, keys: Vec<String> } -> ();
        } $($then)* }
    };
}
