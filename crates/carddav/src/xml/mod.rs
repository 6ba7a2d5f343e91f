//! XML: reads the elements of a request, writes those of an answer.

mod chars;
mod decode;
mod element;
mod reader;
mod writer;

pub(crate) use self::{
    element::Element,
    reader::{Elements, read_document},
    writer::{OWN_NAMESPACE, XmlWriter},
};
