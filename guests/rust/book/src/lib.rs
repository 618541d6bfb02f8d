//! An order book: a token against the chain's own coin. What an order needs is taken when it is placed:
//! coins come with a buy, tokens are moved by an allowance for a sell.
#![no_std]

#[alcatraz_contract::contract]
pub mod book {
    use alcatraz_contract::prelude::*;

    #[storage]
    pub struct Book {
        token: Value<Address>,
        /// Prices with orders, the best last: what matches is taken off the end.
        buys: Value<Vec<u64>>,
        sells: Value<Vec<u64>>,
        /// Orders of a price in the order of their arrival.
        levels: Map<(Side, u64), Vec<Order>>,
        next: Value<u64>,
    }

    #[scale]
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub enum Side {
        Buy,
        Sell,
    }

    #[scale]
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub struct Order {
        pub id: u64,
        pub owner: Address,
        pub amount: u64,
    }

    #[event]
    pub struct Trade {
        #[topic]
        pub buyer: Address,
        #[topic]
        pub seller: Address,
        pub price: u64,
        pub amount: u64,
    }

    #[scale]
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub enum Error {
        /// A price or an amount of nothing, or a product that does not fit.
        BadOrder,
        /// The coins are not price times amount for a buy, none for a sell.
        OtherValue,
        /// The token did not move.
        NoTokens,
        NoOrder,
    }

    impl Book {
        /// Trades the token that is a contract at that address.
        #[constructor]
        pub fn new(&mut self, token: Address) {
            self.token.set(&token);
        }

        /// Matches against the other side, best price and oldest order first, and leaves the rest
        /// in the book. Answers the order's id and what is left of it.
        #[message(payable)]
        pub fn place(&mut self, side: Side, price: u64, amount: u64) -> Result<(u64, u64), Error> {
            let total = price.checked_mul(amount).filter(|total| *total > 0);
            let total = total.ok_or(Error::BadOrder)?;
            let due = if side == Side::Buy { total } else { 0 };
            if env::value() != due {
                return Err(Error::OtherValue);
            }
            let owner = env::caller();
            if side == Side::Sell {
                self.token_moves(selector!("transfer_from"), &(owner, env::this(), amount))?
            }
            let left = self.take(side, price, owner, amount)?;
            let id = self.next.get_or_default();
            self.next.set(&(id + 1));
            if left > 0 {
                self.rest(side, price, Order { id, owner, amount: left })
            }
            Ok((id, left))
        }

        /// Takes the caller's order out and gives back what it holds; answers its amount.
        #[message]
        pub fn cancel(&mut self, side: Side, price: u64, id: u64) -> Result<u64, Error> {
            let mut level = self.levels.get_or_default(&(side, price));
            let owner = env::caller();
            let at = level.iter().position(|order| order.id == id && order.owner == owner);
            let order = level.remove(at.ok_or(Error::NoOrder)?);
            self.keep(side, price, &level);
            match side {
                Side::Buy => env::transfer(&owner, price * order.amount).expect("coins held"),
                Side::Sell => self.token_moves(selector!("transfer"), &(owner, order.amount))?,
            }
            Ok(order.amount)
        }

        /// Orders of one price.
        #[message]
        pub fn orders(&self, side: Side, price: u64) -> Vec<Order> {
            self.levels.get_or_default(&(side, price))
        }

        /// The best prices to buy from and to sell to, if there are any.
        #[message]
        pub fn best(&self) -> (Option<u64>, Option<u64>) {
            let last = |prices: Option<Vec<u64>>| prices.and_then(|all| all.last().copied());
            (last(self.sells.get()), last(self.buys.get()))
        }

        fn take(
            &mut self,
            side: Side,
            limit: u64,
            owner: Address,
            amount: u64,
        ) -> Result<u64, Error> {
            let other = if side == Side::Buy { Side::Sell } else { Side::Buy };
            let mut left = amount;
            while left > 0 {
                let Some(price) = self.prices(other).last().copied() else { break };
                let crosses = if side == Side::Buy { price <= limit } else { price >= limit };
                if !crosses {
                    break;
                }
                let mut level = self.levels.get_or_default(&(other, price));
                let mut done = 0;
                for order in level.iter_mut() {
                    let traded = order.amount.min(left);
                    order.amount -= traded;
                    left -= traded;
                    let (buyer, seller) =
                        if side == Side::Buy { (owner, order.owner) } else { (order.owner, owner) };
                    self.token_moves(selector!("transfer"), &(buyer, traded))?;
                    env::transfer(&seller, price * traded).expect("coins held");
                    if side == Side::Buy && price < limit {
                        // it came with coins for its own price
                        env::transfer(&buyer, (limit - price) * traded).expect("coins held")
                    }
                    env::emit(&Trade { buyer, seller, price, amount: traded });
                    if order.amount > 0 {
                        break;
                    }
                    done += 1;
                    if left == 0 {
                        break;
                    }
                }
                level.drain(..done);
                self.keep(other, price, &level);
            }
            Ok(left)
        }

        fn rest(&mut self, side: Side, price: u64, order: Order) {
            let mut level = self.levels.get_or_default(&(side, price));
            if level.is_empty() {
                let mut prices = self.prices(side);
                let at = prices.iter().position(|other| match side {
                    Side::Buy => *other > price,
                    Side::Sell => *other < price,
                });
                prices.insert(at.unwrap_or(prices.len()), price);
                self.set_prices(side, &prices)
            }
            level.push(order);
            self.levels.insert(&(side, price), &level)
        }

        /// Stores what is left of a level; an empty one goes, and its price too.
        fn keep(&mut self, side: Side, price: u64, level: &Vec<Order>) {
            if !level.is_empty() {
                return self.levels.insert(&(side, price), level);
            }
            self.levels.remove(&(side, price));
            let mut prices = self.prices(side);
            prices.retain(|other| *other != price);
            self.set_prices(side, &prices)
        }

        fn prices(&self, side: Side) -> Vec<u64> {
            match side {
                Side::Buy => self.buys.get_or_default(),
                Side::Sell => self.sells.get_or_default(),
            }
        }

        fn set_prices(&mut self, side: Side, prices: &Vec<u64>) {
            match side {
                Side::Buy => self.buys.set(prices),
                Side::Sell => self.sells.set(prices),
            }
        }

        /// The token's messages answer `Result<(), E>` where E is a byte.
        fn token_moves(&self, selector: [u8; 4], args: &dyn Encode) -> Result<(), Error> {
            let token = self.token.get().expect("deployed");
            match env::message(&token).try_call::<(), u8>(selector, args) {
                Ok(Ok(())) => Ok(()),
                _ => Err(Error::NoTokens),
            }
        }
    }
}
