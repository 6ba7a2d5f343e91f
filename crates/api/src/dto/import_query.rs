//! Query parameters of an import.

use std::collections::BTreeMap;

use contact_files::{Charset, ColumnKey, DateOrder, Delimiter, Field, TableOptions};
use deserr::Deserr;
use domain::contact::import::{ImportMode, ImportOptions};
use utoipa::{IntoParams, ToSchema};

use super::{
    bounds,
    parameter::{boolean, parameter},
};
use crate::{
    extract::{BodyErrors, Parameters},
    problem::{InvalidParameter, Problem},
};

/// Query parameters of an import.
#[derive(Deserr, IntoParams)]
#[deserr(error = BodyErrors, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ImportQuery {
    /// Treatment of contacts that you have already. `skip`, the default: it stays as it is. `update`: it gets the values
    /// of the file; values that the file does not have stay. `add`: every entry becomes a new contact.
    #[deserr(default)]
    #[param(value_type = Option<String>, pattern = "^(skip|update|add)$")]
    mode: Option<Mode>,
    /// `true`: nothing is changed; the report is that of the import.
    #[deserr(default)]
    #[param(value_type = Option<bool>)]
    dry_run: Option<Flag>,
    /// The charset of the file, like `utf-8` or `windows-1251`. By default it is detected.
    #[deserr(default)]
    #[param(inline)]
    charset: Option<CharsetName>,
    /// CSV: the character between two cells: `comma`, `semicolon` or `tab`. By default it is detected.
    #[deserr(default)]
    #[param(value_type = Option<String>, pattern = "^(comma|semicolon|tab|,|;|\\t)$")]
    delimiter: Option<DelimiterName>,
    /// CSV: fields of columns, as a JSON object. A column is its name in the first row, or its position, from 1. A field is
    /// one of those in `columns` of the report, like `first_name`, `email.home`, `phone.mobile`, `address.home.city`, `note`,
    /// `categories`; `ignored` leaves the column out. Example: `{"Mobile": "phone.mobile", "7": "ignored"}`.
    #[deserr(default)]
    #[param(inline)]
    mapping: Option<Mapping>,
    /// CSV: `true`: the first row has the names of the columns. `false`: it is a contact. By default it is detected.
    #[deserr(default)]
    #[param(value_type = Option<bool>)]
    has_header: Option<Flag>,
    /// CSV: the order in dates with slashes, like `02/03/1990`: `month_first` or `day_first`. By default it is detected.
    #[deserr(default)]
    #[param(value_type = Option<String>, pattern = "^(month_first|day_first)$")]
    date_order: Option<DateOrderName>,
    /// CSV: `true`: values of unknown columns are added to the notes.
    #[deserr(default)]
    #[param(value_type = Option<bool>)]
    unknown_to_note: Option<Flag>,
}

/// A file as a multipart form.
#[derive(ToSchema)]
#[schema(as = ImportFile)]
pub(crate) struct ImportForm {
    /// A vCard or CSV file of at most 10 MiB. Its format is that of its `Content-Type` or its name, else of its content.
    #[schema(value_type = String, format = Binary, content_media_type = "application/octet-stream")]
    #[expect(dead_code, reason = "describes the multipart form in OpenAPI; `ImportUpload` reads the form")]
    file: Vec<u8>,
}

/// Choices of the client.
pub(crate) struct ImportChoices {
    pub(crate) options: ImportOptions,
    pub(crate) charset: Option<Charset>,
    pub(crate) table: TableOptions,
}

impl Parameters for ImportQuery {
    type Query = ImportChoices;

    fn into_query(self) -> Result<ImportChoices, Problem> {
        let is_set = |flag: Option<Flag>| flag.is_some_and(|flag| flag.0);
        Ok(ImportChoices {
            options: ImportOptions {
                mode: self.mode.map(|mode| mode.0).unwrap_or_default(),
                is_dry_run: is_set(self.dry_run),
            },
            charset: self.charset.map(|charset| charset.0),
            table: TableOptions {
                delimiter: self.delimiter.map(|delimiter| delimiter.0),
                mapping: self.mapping.map(|mapping| mapping.0).unwrap_or_default(),
                has_header: self.has_header.map(|flag| flag.0),
                date_order: self.date_order.map(|order| order.0),
                unknown_to_note: is_set(self.unknown_to_note),
            },
        })
    }
}

/// Maximum number of characters of a mapping.
const MAX_MAPPING: usize = 16 * 1024;

parameter!(Flag(bool), boolean);
parameter!(Mode(ImportMode), |text| {
    let known = ImportMode::ALL.into_iter().find(|mode| mode.as_str() == text.trim());
    known.ok_or(InvalidParameter::UnknownValue { accepted: "skip, update or add" })
});
parameter!(
    CharsetName(Charset),
    |text| {
        let unknown = InvalidParameter::UnknownValue { accepted: "a charset like utf-8, utf-16le or windows-1251" };
        Charset::from_label(text.trim()).ok_or(unknown)
    },
    bounds::text(1, 40)
);
parameter!(DelimiterName(Delimiter), |text| {
    Delimiter::from_name(text).ok_or(InvalidParameter::UnknownValue { accepted: "comma, semicolon or tab" })
});
parameter!(DateOrderName(DateOrder), |text| match text.trim() {
    "month_first" => Ok(DateOrder::MonthFirst),
    "day_first" => Ok(DateOrder::DayFirst),
    _ => Err(InvalidParameter::UnknownValue { accepted: "month_first or day_first" }),
});
parameter!(Mapping(Vec<(ColumnKey, Field)>), mapping, bounds::text(2, MAX_MAPPING));

/// Parses a JSON object from columns to fields.
fn mapping(text: &str) -> Result<Vec<(ColumnKey, Field)>, InvalidParameter> {
    let rejected = |reason: &str| InvalidParameter::NotAMapping { reason: reason.to_owned() };
    if text.len() > MAX_MAPPING {
        return Err(rejected("it is too long"));
    }
    let columns: BTreeMap<String, String> =
        serde_json::from_str(text).map_err(|_| rejected("it is not an object of strings"))?;
    let column = |(column, field): (String, String)| {
        let field = field.parse().map_err(|_| InvalidParameter::NotAMapping {
            reason: format!("{} is not a field", field.chars().take(50).collect::<String>()),
        })?;
        Ok((column_key(column), field))
    };
    columns.into_iter().map(column).collect()
}

/// A number from 1 is a position, any other text the name of a column.
fn column_key(column: String) -> ColumnKey {
    let is_number = !column.is_empty() && column.bytes().all(|byte| byte.is_ascii_digit());
    match column.parse::<usize>().ok().filter(|_| is_number).and_then(|number| number.checked_sub(1)) {
        Some(position) => ColumnKey::Position(position),
        None => ColumnKey::Name(column),
    }
}

#[cfg(test)]
mod tests {
    use contact_files::ColumnKey;

    use super::mapping;
    use crate::problem::Rejection as _;

    #[test]
    fn columns_are_mapped_by_name_or_position() {
        let keys: Vec<ColumnKey> = mapping(r#"{"Mobile": "phone.mobile", "7": "ignored", "0": "note", "7a": "note"}"#)
            .unwrap_or_default()
            .into_iter()
            .map(|(column, _)| column)
            .collect();
        let name = |text: &str| ColumnKey::Name(text.to_owned());
        assert_eq!(keys, [name("0"), ColumnKey::Position(6), name("7a"), name("Mobile")]);
    }

    #[test]
    fn unknown_field_is_named_in_the_error() {
        let details: Vec<String> = [r#"{"A": "shoe_size"}"#, "[]", r#"{"A": 1}"#, "A:first_name"]
            .map(|text| mapping(text).err().map(|error| error.detail()).unwrap_or_default())
            .into();
        assert!(details[0].ends_with(": shoe_size is not a field"), "{details:?}");
        assert!(details[1..].iter().all(|detail| detail.ends_with("it is not an object of strings")), "{details:?}");
    }
}
