//! Palisade.
fn main() { let crd = <palisade::api::ProtectedApi as kube::CustomResourceExt>::crd(); print!("{}", serde_yaml::to_string(&crd).unwrap_or_default()); }
