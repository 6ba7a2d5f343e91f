//! The elements `propstat` of a resource: properties with one status each.

use super::{error_document::write_error, status::Status, values::Values};
use crate::{
    precondition::Precondition,
    property::{ADDRESS_DATA, LiveProperty, Property},
    request::Selection,
    xml::XmlWriter,
};

/// Writes the selected properties of a resource. `minimal` leaves out those that it does not have (RFC 8144, 2.1).
pub(super) fn write_properties(xml: &mut XmlWriter, values: &Values<'_>, selection: &Selection, minimal: bool) {
    let mut missing = Vec::new();
    begin(xml);
    match selection {
        Selection::Names => write_names(xml, values),
        Selection::All { include } => {
            for property in LiveProperty::all().filter(|property| property.is_in_allprop()) {
                values.write(property, xml);
            }
            let is_new = |property: &&Property| !matches!(property, Property::Live(live) if live.is_in_allprop());
            write_named(xml, values, include.iter().filter(is_new), &mut missing);
        }
        Selection::Listed(listed) => write_named(xml, values, listed.iter(), &mut missing),
    }
    end(xml, Status::Ok);
    if !missing.is_empty() && !minimal {
        begin(xml);
        missing.into_iter().for_each(|property| write_name(xml, property));
        end(xml, Status::NotFound);
    }
}

pub(super) fn begin(xml: &mut XmlWriter) {
    xml.open("d:propstat");
    xml.open("d:prop");
}

pub(super) fn end(xml: &mut XmlWriter, status: Status) {
    end_with(xml, status, None);
}

pub(super) fn end_with(xml: &mut XmlWriter, status: Status, condition: Option<&Precondition>) {
    xml.close("d:prop");
    xml.leaf("d:status", status.line());
    if let Some(condition) = condition {
        write_error(xml, condition);
    }
    xml.close("d:propstat");
}

fn write_named<'p>(
    xml: &mut XmlWriter,
    values: &Values<'_>,
    properties: impl Iterator<Item = &'p Property>,
    missing: &mut Vec<&'p Property>,
) {
    for property in properties {
        let is_written = match property {
            Property::Live(live) => values.write(*live, xml),
            Property::AddressData(_) => values.write_address_data(xml),
            Property::Unknown(_) => false,
        };
        if !is_written {
            missing.push(property);
        }
    }
}

fn write_names(xml: &mut XmlWriter, values: &Values<'_>) {
    LiveProperty::all().filter(|property| values.has(*property)).for_each(|property| xml.empty(property.tag()));
}

fn write_name(xml: &mut XmlWriter, property: &Property) {
    match property {
        Property::Live(live) => xml.empty(live.tag()),
        Property::AddressData(_) => xml.empty(ADDRESS_DATA),
        Property::Unknown(name) => xml.empty_name(name),
    }
}
