//! What leads to the stage besides the origin's name and the default endpoint.

/// Something that leads to the stage besides the custom domain name of the origin and the default endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Door {
    /// The custom domain name with its base path, or the distribution's domain name and id.
    pub name: String,
    /// Which it is.
    pub is_distribution: bool,
    /// Whether it asks for a client certificate: of a truststore of others.
    pub asks_for_certificate: bool,
}
