//! An auction with sealed bids. While it takes bids, a bidder sends a hash and a deposit; then
//! each opens the bid; the highest that its deposit covers wins and pays what it bid.
#![no_std]

#[alcatraz_contract::contract]
pub mod auction {
    use alcatraz_contract::codec::Output;
    use alcatraz_contract::prelude::*;

    #[storage]
    pub struct Auction {
        seller: Value<Address>,
        /// Bids are taken before the first time, opened before the second.
        times: Value<(u64, u64)>,
        bids: Map<Address, Bid>,
        best: Value<(Address, u64)>,
        /// Deposits of bids that nobody has opened: the seller's, in the end.
        unopened: Value<u64>,
        finished: Value<bool>,
    }

    #[scale]
    #[derive(Clone, Copy)]
    pub struct Bid {
        pub sealed: Hash,
        pub deposit: u64,
        pub opened: bool,
    }

    #[event]
    pub struct Opened {
        #[topic]
        pub bidder: Address,
        pub amount: u64,
    }

    #[event]
    pub struct Sold {
        #[topic]
        pub to: Address,
        pub price: u64,
    }

    #[scale]
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub enum Error {
        TooEarly,
        TooLate,
        /// One bid for each bidder.
        HasBid,
        NoBid,
        /// The amount and the salt are not what was sealed.
        OtherBid,
        /// The deposit is less than the bid.
        TooLittle,
        Finished,
    }

    impl Auction {
        /// Who deploys sells. Both are milliseconds: how long bids are taken, and then opened.
        #[constructor]
        pub fn new(&mut self, bidding: u64, opening: u64) {
            let end = env::time() + bidding;
            self.seller.set(&env::caller());
            self.times.set(&(end, end + opening));
        }

        /// Seals a bid: BLAKE2b of (bidder, amount, salt), and at least the amount as deposit.
        #[message(payable)]
        pub fn bid(&mut self, sealed: Hash) -> Result<(), Error> {
            if env::time() >= self.times.get_or_default().0 {
                return Err(Error::TooLate);
            }
            let bidder = env::caller();
            if self.bids.contains(&bidder) {
                return Err(Error::HasBid);
            }
            let deposit = env::value();
            self.bids.insert(&bidder, &Bid { sealed, deposit, opened: false });
            self.unopened.set(&(self.unopened.get_or_default() + deposit));
            Ok(())
        }

        /// Opens the caller's bid.
        #[message]
        pub fn open(&mut self, amount: u64, salt: Hash) -> Result<(), Error> {
            let (bidding, opening) = self.times.get_or_default();
            if env::time() < bidding {
                return Err(Error::TooEarly);
            }
            if env::time() >= opening {
                return Err(Error::TooLate);
            }
            let bidder = env::caller();
            let mut bid = self.bids.get(&bidder).ok_or(Error::NoBid)?;
            let sealed = env::blake2b(Output::of(&(bidder, amount, salt)).as_slice());
            if bid.opened || sealed != bid.sealed {
                return Err(Error::OtherBid);
            }
            if bid.deposit < amount {
                return Err(Error::TooLittle);
            }
            bid.opened = true;
            self.bids.insert(&bidder, &bid);
            self.unopened.set(&(self.unopened.get_or_default() - bid.deposit));
            // of equal bids the first that is opened wins
            if self.best.get().is_none_or(|(_, best)| amount > best) {
                self.best.set(&(bidder, amount));
            }
            env::emit(&Opened { bidder, amount });
            Ok(())
        }

        /// Pays the seller: the price, and the deposits of bids that were never opened.
        #[message]
        pub fn finish(&mut self) -> Result<Option<(Address, u64)>, Error> {
            if env::time() < self.times.get_or_default().1 {
                return Err(Error::TooEarly);
            }
            if self.finished.get_or_default() {
                return Err(Error::Finished);
            }
            self.finished.set(&true);
            let best = self.best.get();
            let price = best.map_or(0, |(_, price)| price);
            let seller = self.seller.get().expect("deployed");
            env::transfer(&seller, price + self.unopened.get_or_default()).expect("deposits");
            if let Some((to, price)) = best {
                env::emit(&Sold { to, price })
            }
            Ok(best)
        }

        /// Pays back what is left of the caller's deposit; answers how much.
        #[message]
        pub fn refund(&mut self) -> Result<u64, Error> {
            if env::time() < self.times.get_or_default().1 {
                return Err(Error::TooEarly);
            }
            let bidder = env::caller();
            let bid = self.bids.get(&bidder).filter(|bid| bid.opened).ok_or(Error::NoBid)?;
            self.bids.remove(&bidder);
            let paid = match self.best.get() {
                Some((winner, price)) if winner == bidder => price,
                _ => 0,
            };
            env::transfer(&bidder, bid.deposit - paid).expect("deposits");
            Ok(bid.deposit - paid)
        }

        #[message]
        pub fn best(&self) -> Option<(Address, u64)> {
            self.best.get()
        }
    }
}
