/// Why a program failed: the runtime's own kinds, or the program's number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Error {
    Custom(u32),
    InvalidArgument,
    InvalidInstructionData,
    InvalidAccountData,
    AccountDataTooSmall,
    InsufficientFunds,
    IncorrectProgramId,
    MissingRequiredSignature,
    AccountAlreadyInitialized,
    NotEnoughAccountKeys,
    InvalidSeeds,
    InvalidAccountOwner,
    ArithmeticOverflow,
    /// What a call answered.
    Other(u64),
}

pub type Result<T = ()> = core::result::Result<T, Error>;

impl Error {
    /// The number that the runtime reads the error from.
    pub fn code(self) -> u64 {
        let kind: u64 = match self {
            Error::Custom(0) => 1,
            Error::Custom(number) => return number as u64,
            Error::InvalidArgument => 2,
            Error::InvalidInstructionData => 3,
            Error::InvalidAccountData => 4,
            Error::AccountDataTooSmall => 5,
            Error::InsufficientFunds => 6,
            Error::IncorrectProgramId => 7,
            Error::MissingRequiredSignature => 8,
            Error::AccountAlreadyInitialized => 9,
            Error::NotEnoughAccountKeys => 11,
            Error::InvalidSeeds => 14,
            Error::InvalidAccountOwner => 23,
            Error::ArithmeticOverflow => 24,
            Error::Other(code) => return code,
        };
        kind << 32
    }
}
