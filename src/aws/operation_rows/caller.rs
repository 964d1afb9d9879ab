//! Whose credentials they are.

macro_rules! caller_rows {
    ({ $($before:tt)* } $next:ident $($then:ident)*) => {
        $next! { {
            $($before)*

            /// The account and principal of our credentials.
            Sts Get "GetCallerIdentity" GetCallerIdentity / get_caller_identity {} -> CallerIdentity;
            /// Temporary credentials of a role, of this account or another. Nothing is changed by it.
            Sts Get "AssumeRole" AssumeRole / assume_role { role: Assumption } -> Session;
        } $($then)* }
    };
}
