//! The file as a whole, as a report shows it.

use super::options::FileFormat;

/// Properties of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSummary {
    /// Format of the file.
    pub format: FileFormat,
    /// Program whose columns a table has, such as `google`, or the version of the first vCard. `None` before the first
    /// entry.
    pub dialect: Option<&'static str>,
    /// Charset of the file. `None` before the first entry.
    pub charset: Option<&'static str>,
    /// Columns of a table, in their order. A vCard has none.
    pub columns: Vec<FileColumn>,
}

/// Column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileColumn {
    /// Name in the file. Without names the position, from 1.
    pub name: String,
    /// Field of its values, such as `first_name`. `None`: the values are not read.
    pub field: Option<String>,
}
