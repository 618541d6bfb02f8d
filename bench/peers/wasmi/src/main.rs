//! wasmi: `eager` translates at once, `lazy` when a function is called first; `fuel` is eager and metered.

use {
    alcatraz_peer_protocol::{serve, Peer, Result, Stages},
    wasmi::{CompilationMode, Config, Engine, Linker, Module, Store, TypedFunc},
};

struct Wasmi {
    engine: Engine,
    metered: bool,
}

struct Ready {
    store: Store<()>,
    run: TypedFunc<i64, i64>,
}

impl Peer for Wasmi {
    type Ready = Ready;
    const VERSION: &'static str = "wasmi 2.0.0";

    fn new(mode: &str) -> Result<Self> {
        let metered = mode == "fuel";
        let mut config = Config::default();
        config.consume_fuel(metered).compilation_mode(match mode {
            "eager" | "fuel" => CompilationMode::Eager,
            "lazy" => CompilationMode::Lazy,
            _ => return Err(format!("no mode is {mode}").into()),
        });
        Ok(Self { engine: Engine::new(&config), metered })
    }

    fn ready(&self, bytes: &[u8], stages: &mut Stages) -> Result<Ready> {
        let module = stages.time("translate", || Ok(Module::new(&self.engine, bytes)?))?;
        stages.time("instantiate", || {
            let mut store = Store::new(&self.engine, ());
            if self.metered {
                store.set_fuel(u64::MAX / 2)?;
            }
            let instance = Linker::new(&self.engine).instantiate_and_start(&mut store, &module)?;
            let run = instance.get_typed_func::<i64, i64>(&store, "run")?;
            Ok(Ready { store, run })
        })
    }

    fn call(&self, ready: &mut Ready, n: u64) -> Result<u64> {
        Ok(ready.run.call(&mut ready.store, n as i64)? as u64)
    }
}

fn main() {
    serve::<Wasmi>();
}
