//! The card: values of a contact, without the syntax of vCard.

mod birthday;
mod model;

pub use self::{
    birthday::Birthday,
    model::{Address, Card, Kind, Labeled, Name, Photo},
};
