//! wasmtime: `cranelift` or `winch`, and each with `-fuel`.

use {
    alcatraz_peer_protocol::{serve, Peer, Result, Stages},
    wasmtime::{Config, Engine, Instance, Module, Store, Strategy, TypedFunc},
};

struct Wasmtime {
    engine: Engine,
    metered: bool,
}

struct Ready {
    store: Store<()>,
    run: TypedFunc<i64, i64>,
    code: usize,
}

impl Peer for Wasmtime {
    type Ready = Ready;
    const VERSION: &'static str = "wasmtime 48.0.8";

    fn new(mode: &str) -> Result<Self> {
        let metered = mode.ends_with("-fuel");
        let mut config = Config::new();
        config.consume_fuel(metered).strategy(match mode.trim_end_matches("-fuel") {
            "cranelift" => Strategy::Cranelift,
            "winch" => Strategy::Winch,
            _ => return Err(format!("no mode is {mode}").into()),
        });
        Ok(Self { engine: Engine::new(&config)?, metered })
    }

    fn ready(&self, bytes: &[u8], stages: &mut Stages) -> Result<Ready> {
        let module = stages.time("translate", || Ok(Module::new(&self.engine, bytes)?))?;
        stages.time("instantiate", || {
            let mut store = Store::new(&self.engine, ());
            if self.metered {
                store.set_fuel(u64::MAX / 2)?;
            }
            let instance = Instance::new(&mut store, &module, &[])?;
            let run = instance.get_typed_func::<i64, i64>(&mut store, "run")?;
            Ok(Ready { store, run, code: module.text().len() })
        })
    }

    fn call(&self, ready: &mut Ready, n: u64) -> Result<u64> {
        Ok(ready.run.call(&mut ready.store, n as i64)? as u64)
    }

    fn code(&self, ready: &Ready) -> Option<usize> {
        Some(ready.code)
    }
}

fn main() {
    serve::<Wasmtime>();
}
