//! From the errors of the use cases of contacts to problems, by the same rules as
//! `from_use_cases`.

use domain::{
    contact::{
        ChangePhotoError, CreateContactError, DeleteContactError, DetailFault, EditContactError, GetContactError,
        UpcomingBirthdaysError,
        batch::{ApplyBatchError, OperationFault},
        trash::{PurgeTrashedContactError, RestoreContactError},
    },
    idempotency::KeyRefusal,
};

use super::{Code, Fault, Problem};

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
            CreateContactError::Invalid(faults) => refused_details(&faults),
            CreateContactError::LimitReached { limit } => limit_reached(limit),
            CreateContactError::Key(refusal) => refusal.into(),
            CreateContactError::OwnerGone => Self::new(Code::AccessTokenInvalid),
            CreateContactError::Store(error) => error.into(),
        }
    }
}

impl From<KeyRefusal> for Problem {
    fn from(refusal: KeyRefusal) -> Self {
        match refusal {
            KeyRefusal::Reused => Self::new(Code::IdempotencyKeyReused),
            KeyRefusal::Spent => Self::new(Code::IdempotencyKeySpent),
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

impl From<EditContactError> for Problem {
    fn from(error: EditContactError) -> Self {
        match error {
            EditContactError::NotFound => Self::new(Code::ContactNotFound),
            EditContactError::Stale => Self::new(Code::ContactChanged),
            EditContactError::Invalid(faults) => refused_details(&faults),
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

impl From<UpcomingBirthdaysError> for Problem {
    fn from(error: UpcomingBirthdaysError) -> Self {
        match error {
            UpcomingBirthdaysError::TooManyDays { .. } => {
                Self::parameters(vec![Fault::of_form("/days".to_owned(), "out-of-range", error.to_string())])
            }
            UpcomingBirthdaysError::Store(error) => error.into(),
        }
    }
}

impl From<ApplyBatchError> for Problem {
    fn from(error: ApplyBatchError) -> Self {
        match error {
            ApplyBatchError::Refused(faults) => {
                Self::batch(faults.iter().flat_map(|(index, fault)| faults_of_operation(*index, fault)).collect())
            }
            ApplyBatchError::Key(refusal) => refusal.into(),
            ApplyBatchError::WrongLength => {
                Self::body(vec![Fault::of_form("/operations".to_owned(), "wrong-length", error.to_string())])
            }
            ApplyBatchError::OwnerGone => Self::new(Code::AccessTokenInvalid),
            ApplyBatchError::Store(error) => error.into(),
        }
    }
}

/// What is wrong with an operation of a batch, in the codes that the same has outside of one.
fn faults_of_operation(index: usize, fault: &OperationFault) -> Vec<Fault> {
    let operation = format!("/operations/{index}");
    let told = |field: &str, code: Code| {
        vec![Fault::of_form(format!("{operation}{field}"), code.as_str(), code.detail().to_owned())]
    };
    match fault {
        OperationFault::NotFound => told("/id", Code::ContactNotFound),
        OperationFault::Stale => told("/if_match", Code::ContactChanged),
        OperationFault::Repeated => {
            let detail = "must not name a contact that an operation before names".to_owned();
            vec![Fault::of_form(format!("{operation}/id"), "repeated", detail)]
        }
        OperationFault::Invalid(faults) => {
            faults.iter().map(|fault| fault_of_detail(fault).below(&format!("{operation}/contact"))).collect()
        }
        OperationFault::LimitReached { limit } => {
            let detail = format!("does not fit: the address book holds {limit} contacts");
            vec![Fault::of_form(operation, Code::ContactLimitReached.as_str(), detail)]
        }
    }
}

fn refused_details(faults: &[DetailFault]) -> Problem {
    Problem::body(faults.iter().map(fault_of_detail).collect())
}

fn fault_of_detail(fault: &DetailFault) -> Fault {
    Fault::at(fault.field.map_or_else(String::new, |field| format!("/{field}")), &fault.reason)
}

fn limit_reached(limit: u64) -> Problem {
    Problem::new(Code::ContactLimitReached)
        .with_detail(format!("The address book holds {limit} contacts and is full. Delete one first."))
}
