//! What is fixed about each operation: its service, its name, and the class that it shares a quota with.

/// An AWS service, as its IAM prefix names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Service {
    Acm,
    ApiGateway,
    ApiGatewayV2,
    CloudFront,
    CloudWatch,
    Iam,
    Lambda,
    PricingPlans,
    Route53,
    S3,
    Shield,
    Sns,
    Sts,
    Tagging,
    Waf,
}

impl Service {
    /// The service's name in metrics, logs and messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Acm => "acm",
            Self::ApiGateway => "apigateway",
            Self::ApiGatewayV2 => "apigatewayv2",
            Self::CloudFront => "cloudfront",
            Self::CloudWatch => "cloudwatch",
            Self::Iam => "iam",
            Self::Lambda => "lambda",
            Self::PricingPlans => "pricingplanmanager",
            Self::Route53 => "route53",
            Self::S3 => "s3",
            Self::Shield => "shield",
            Self::Sns => "sns",
            Self::Sts => "sts",
            Self::Tagging => "tagging",
            Self::Waf => "wafv2",
        }
    }

    /// Whether it is called in more Regions than one.
    #[must_use]
    pub fn is_regional(self) -> bool {
        matches!(
            self,
            Self::Acm | Self::ApiGateway | Self::ApiGatewayV2 | Self::Lambda | Self::S3 | Self::Tagging
        )
    }
}

/// Operations of a class share one of AWS's quotas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum OperationClass {
    Get,
    List,
    Create,
    Update,
    Put,
    Delete,
    Tag,
}

impl OperationClass {
    /// Whether the operation changes anything: such a call needs a valid Lease.
    #[must_use]
    pub fn is_write(self) -> bool {
        !matches!(self, Self::Get | Self::List)
    }
}

/// What is fixed about an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Operation {
    /// The service that is called.
    pub service: Service,
    /// AWS's name of the operation, as its API reference and error messages have it.
    pub name: &'static str,
    /// The quota it spends from.
    pub class: OperationClass,
}
