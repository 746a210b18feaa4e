//! What is answered over HTTP beside the API: the certificate that messages name, and what was sent to people.

mod certificate;
mod inspection;

pub(crate) use certificate::Certificate;
pub(crate) use inspection::Inspection;
