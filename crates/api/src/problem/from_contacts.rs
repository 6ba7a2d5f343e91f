//! Conversions from the errors of the contact use cases to problems. The rules of `from_use_cases` apply.

use domain::{
    contact::{CardError, CardErrorReason},
    idempotency::IdempotencyKeyError,
    use_cases::{
        contact::{
            ApplyBatchError, ChangePhotoError, CreateContactError, DeleteContactError, EditContactError,
            ExportContactError, ExportContactsError, GetContactError, ImportContactsError, ImportStop,
            ListChangesError, OperationError,
        },
        trash::{PurgeTrashedContactError, RestoreContactError},
    },
};

use super::{Code, FieldError, Problem};

impl From<RestoreContactError> for Problem {
    fn from(error: RestoreContactError) -> Self {
        match error {
            RestoreContactError::NotFound => Self::new(Code::ContactNotFound),
            RestoreContactError::Stale => Self::new(Code::ContactChanged),
            RestoreContactError::LimitReached { limit } => limit_reached(limit),
            RestoreContactError::Store(error) => error.into(),
        }
    }
}

impl From<PurgeTrashedContactError> for Problem {
    fn from(error: PurgeTrashedContactError) -> Self {
        match error {
            PurgeTrashedContactError::NotFound => Self::new(Code::ContactNotFound),
            PurgeTrashedContactError::Store(error) => error.into(),
        }
    }
}

impl From<ListChangesError> for Problem {
    fn from(error: ListChangesError) -> Self {
        match error {
            ListChangesError::TokenExpired => Self::new(Code::SyncTokenExpired),
            ListChangesError::OwnerNotFound => Self::new(Code::AccessTokenInvalid),
            ListChangesError::Store(error) => error.into(),
        }
    }
}

impl From<ImportContactsError<Self>> for Problem {
    fn from(error: ImportContactsError<Self>) -> Self {
        let problem = match error.stop {
            ImportStop::Source(problem) => problem,
            ImportStop::Key(error) => error.into(),
            ImportStop::OwnerNotFound => Self::new(Code::AccessTokenInvalid),
            ImportStop::Store(error) => error.into(),
        };
        match error.report.items.len() {
            0 => problem,
            done => {
                let detail = format!("{} {done} entries are done; send the same file again to go on.", problem.detail);
                problem.with_detail(detail)
            }
        }
    }
}

impl From<ChangePhotoError> for Problem {
    fn from(error: ChangePhotoError) -> Self {
        match error {
            ChangePhotoError::NotFound => Self::new(Code::ContactNotFound),
            ChangePhotoError::Stale => Self::new(Code::ContactChanged),
            ChangePhotoError::Picture(error) => error.into(),
            ChangePhotoError::Store(error) => error.into(),
        }
    }
}

impl From<CreateContactError> for Problem {
    fn from(error: CreateContactError) -> Self {
        match error {
            CreateContactError::LimitReached { limit } => limit_reached(limit),
            CreateContactError::Key(error) => error.into(),
            CreateContactError::OwnerNotFound => Self::new(Code::AccessTokenInvalid),
            CreateContactError::Store(error) => error.into(),
        }
    }
}

impl From<IdempotencyKeyError> for Problem {
    fn from(error: IdempotencyKeyError) -> Self {
        match error {
            IdempotencyKeyError::Reused => Self::new(Code::IdempotencyKeyReused),
            IdempotencyKeyError::Spent => Self::new(Code::IdempotencyKeySpent),
        }
    }
}

impl From<GetContactError> for Problem {
    fn from(error: GetContactError) -> Self {
        match error {
            GetContactError::NotFound => Self::new(Code::ContactNotFound),
            GetContactError::Store(error) => error.into(),
        }
    }
}

impl From<ExportContactsError> for Problem {
    fn from(error: ExportContactsError) -> Self {
        match error {
            ExportContactsError::Photo(error) => error.into(),
            ExportContactsError::Store(error) => error.into(),
        }
    }
}

impl From<ExportContactError> for Problem {
    fn from(error: ExportContactError) -> Self {
        match error {
            ExportContactError::NotFound => Self::new(Code::ContactNotFound),
            ExportContactError::Failed(error) => error.into(),
        }
    }
}

impl From<EditContactError> for Problem {
    fn from(error: EditContactError) -> Self {
        match error {
            EditContactError::NotFound => Self::new(Code::ContactNotFound),
            EditContactError::Stale => Self::new(Code::ContactChanged),
            EditContactError::Invalid(errors) => Self::body(errors.iter().map(FieldError::of_card).collect()),
            EditContactError::Store(error) => error.into(),
        }
    }
}

impl From<DeleteContactError> for Problem {
    fn from(error: DeleteContactError) -> Self {
        match error {
            DeleteContactError::NotFound => Self::new(Code::ContactNotFound),
            DeleteContactError::Stale => Self::new(Code::ContactChanged),
            DeleteContactError::Store(error) => error.into(),
        }
    }
}

impl From<ApplyBatchError> for Problem {
    fn from(error: ApplyBatchError) -> Self {
        match error {
            ApplyBatchError::Rejected(errors) => {
                Self::batch(errors.iter().flat_map(|(index, error)| errors_of_operation(*index, error)).collect())
            }
            ApplyBatchError::Key(error) => error.into(),
            ApplyBatchError::WrongLength => {
                Self::body(vec![FieldError::new("/operations".to_owned(), "wrong-length", error.to_string())])
            }
            ApplyBatchError::OwnerNotFound => Self::new(Code::AccessTokenInvalid),
            ApplyBatchError::Store(error) => error.into(),
        }
    }
}

/// Returns the errors of one operation of a batch. The codes are those of single requests.
fn errors_of_operation(index: usize, error: &OperationError) -> Vec<FieldError> {
    let operation = format!("/operations/{index}");
    let with_code = |field: &str, code: Code| {
        vec![FieldError::new(format!("{operation}{field}"), code.as_str(), code.detail().to_owned())]
    };
    match error {
        OperationError::NotFound => with_code("/id", Code::ContactNotFound),
        OperationError::Stale => with_code("/if_match", Code::ContactChanged),
        OperationError::Repeated => {
            let detail =
                "must not be the contact of an earlier operation; send one operation for each contact".to_owned();
            vec![FieldError::new(format!("{operation}/id"), "repeated", detail)]
        }
        OperationError::Invalid(errors) => {
            let prefix = format!("{operation}/contact");
            errors.iter().map(|error| FieldError::of_card(error).with_prefix(&prefix)).collect()
        }
        OperationError::LimitReached { limit } => {
            let detail = format!("exceeds the limit of {limit} contacts; delete a contact first");
            vec![FieldError::new(operation, Code::ContactLimitReached.as_str(), detail)]
        }
    }
}

impl FieldError {
    /// Creates the error of a card.
    pub(crate) fn of_card(error: &CardError) -> Self {
        let pointer = error.pointer.clone();
        match &error.reason {
            CardErrorReason::Invalid(invalid) => Self::invalid(pointer, invalid),
            CardErrorReason::WrongType { expected, found } => Self::wrong_type(pointer, &[*expected], *found),
            CardErrorReason::Missing => Self::missing(pointer),
            CardErrorReason::UnknownField { allowed } => Self::unknown_field(pointer, allowed),
        }
    }
}

fn limit_reached(limit: u64) -> Problem {
    Problem::new(Code::ContactLimitReached)
        .with_detail(format!("The address book is full: it has {limit} contacts. Delete a contact first."))
}
