//! An account of several owners: what one proposes is sent when enough have confirmed it.
#![no_std]

#[alcatraz_contract::contract]
pub mod multisig {
    use alcatraz_contract::prelude::*;

    #[storage]
    pub struct Multisig {
        owners: Value<Vec<Address>>,
        needed: Value<u32>,
        proposals: Map<u32, Proposal>,
        count: Value<u32>,
    }

    #[scale]
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct Proposal {
        pub to: Address,
        pub value: u64,
        /// The whole input: selector and arguments.
        pub input: Vec<u8>,
        pub confirmed: Vec<Address>,
        pub done: bool,
    }

    #[event]
    pub struct Sent {
        #[topic]
        pub id: u32,
        pub answer: Vec<u8>,
    }

    #[scale]
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub enum Error {
        NotOwner,
        NoProposal,
        Confirmed,
        Done,
        /// What was called reverted, with these bytes.
        Reverted(Vec<u8>),
        Failed,
        BadSignature,
    }

    impl Multisig {
        /// `needed` of the owners must confirm. Traps unless that is possible.
        #[constructor(payable)]
        pub fn new(&mut self, owners: Vec<Address>, needed: u32) {
            assert!(needed > 0 && needed as usize <= owners.len());
            for (index, owner) in owners.iter().enumerate() {
                assert!(!owners[..index].contains(owner))
            }
            self.owners.set(&owners);
            self.needed.set(&needed);
        }

        /// Anybody may pay in.
        #[message(payable)]
        pub fn pay(&mut self) {}

        /// Proposes a message, confirms it, and answers its number.
        #[message]
        pub fn propose(&mut self, to: Address, value: u64, input: Vec<u8>) -> Result<u32, Error> {
            let id = self.count.get_or_default();
            self.count.set(&(id + 1));
            let proposal = Proposal { to, value, input, confirmed: Vec::new(), done: false };
            self.proposals.insert(&id, &proposal);
            self.confirm(id)?;
            Ok(id)
        }

        /// Confirms as an owner; the last one that is needed sends it. Has it been sent.
        #[message]
        pub fn confirm(&mut self, id: u32) -> Result<bool, Error> {
            self.count_in(env::caller(), id)
        }

        /// What an owner whose address is an Ed25519 key signs to confirm: this contract and all of the
        /// proposal but who has confirmed it.
        #[message]
        pub fn to_sign(&self, id: u32) -> Option<Hash> {
            let Proposal { to, value, input, .. } = self.proposals.get(&id)?;
            let signed = (env::this(), id, to, value, input);
            Some(env::blake2b(alcatraz_contract::codec::Output::of(&signed).as_slice()))
        }

        /// Confirms for an owner who has signed; anybody may hand it in.
        #[message]
        pub fn confirm_signed(
            &mut self,
            owner: Address,
            id: u32,
            signature: [u8; 64],
        ) -> Result<bool, Error> {
            let digest = self.to_sign(id).ok_or(Error::NoProposal)?;
            if !env::ed25519_verify(&signature, &digest, &owner.0) {
                return Err(Error::BadSignature);
            }
            self.count_in(owner, id)
        }

        /// Makes another account the owner of this contract's code, or nobody. Only the contract itself may:
        /// by a proposal to itself.
        #[message]
        pub fn hand_over(&mut self, to: Option<Address>) -> Result<(), Error> {
            if env::caller() != env::this() {
                return Err(Error::NotOwner);
            }
            env::set_owner(to.as_ref());
            Ok(())
        }

        /// Up to `most` proposals that are not done, from those behind `behind` on; by the bytes of their
        /// numbers.
        #[message]
        pub fn open(&self, behind: Option<u32>, most: u32) -> Vec<u32> {
            let keys = match behind {
                None => self.proposals.keys(),
                Some(id) => self.proposals.keys_behind(&id),
            };
            let open = keys.filter(|id| self.proposals.get(id).is_some_and(|found| !found.done));
            open.take(most as usize).collect()
        }

        fn count_in(&mut self, owner: Address, id: u32) -> Result<bool, Error> {
            if !self.owners.get_or_default().contains(&owner) {
                return Err(Error::NotOwner);
            }
            let mut proposal = self.proposals.get(&id).ok_or(Error::NoProposal)?;
            if proposal.done {
                return Err(Error::Done);
            }
            if proposal.confirmed.contains(&owner) {
                return Err(Error::Confirmed);
            }
            proposal.confirmed.push(owner);
            proposal.done = proposal.confirmed.len() as u32 >= self.needed.get_or_default();
            // stored before anybody else runs
            self.proposals.insert(&id, &proposal);
            if proposal.done {
                let mut message = env::message(&proposal.to).value(proposal.value);
                if proposal.to == env::this() {
                    message = message.reentrant()
                }
                let answer = message.send(&proposal.input).map_err(|error| match error {
                    env::CallError::Reverted(bytes) => Error::Reverted(bytes),
                    _ => Error::Failed,
                })?;
                env::emit(&Sent { id, answer })
            }
            Ok(proposal.done)
        }

        #[message]
        pub fn proposal(&self, id: u32) -> Option<Proposal> {
            self.proposals.get(&id)
        }
    }
}
