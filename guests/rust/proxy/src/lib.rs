//! Forwards what it does not know to an implementation that its owner may exchange. The implementation
//! runs with its own storage, and the proxy is its caller.
#![no_std]

#[alcatraz_contract::contract]
pub mod proxy {
    use alcatraz_contract::prelude::*;

    #[storage]
    pub struct Proxy {
        implementation: Value<Address>,
    }

    #[event]
    pub struct Changed {
        #[topic]
        pub to: Address,
    }

    #[scale]
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub enum Error {
        NotOwner,
    }

    impl Proxy {
        #[constructor]
        pub fn new(&mut self, implementation: Address) {
            self.implementation.set(&implementation);
        }

        #[message]
        pub fn proxy_implementation(&self) -> Address {
            self.implementation.get_or_default()
        }

        /// The owner is the account that may replace the proxy's code.
        #[message]
        pub fn proxy_change(&mut self, to: Address) -> Result<(), Error> {
            if env::owner(&env::this()) != Some(env::caller()) {
                return Err(Error::NotOwner);
            }
            self.implementation.set(&to);
            env::emit(&Changed { to });
            Ok(())
        }

        #[fallback]
        pub fn forward(&mut self, input: &[u8]) {
            let to = self.implementation.get_or_default();
            match env::message(&to).value(env::value()).send(input) {
                Ok(answer) => env::return_bytes(&answer),
                Err(env::CallError::Reverted(answer)) => env::revert_bytes(&answer),
                Err(_) => env::revert_bytes(&[]),
            }
        }
    }
}
