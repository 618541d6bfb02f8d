//! PolkaVM with synchronous gas: `recompiler` in its Linux sandbox, `interpreter`; `free` is the recompiler without gas.

use {
    alcatraz_peer_protocol::{serve, Peer, Result, Stages},
    polkavm::{
        BackendKind, Config, Engine, GasMeteringKind, InterruptKind, Module, ModuleConfig, ProgramBlob, ProgramCounter,
        RawInstance, Reg, SandboxKind,
    },
};

struct PolkaVm {
    engine: Engine,
    metered: bool,
}

struct Ready {
    instance: RawInstance,
    run: ProgramCounter,
    code: Option<usize>,
}

impl Peer for PolkaVm {
    type Ready = Ready;
    const VERSION: &'static str = "polkavm 0.37.0";

    fn new(mode: &str) -> Result<Self> {
        let mut config = Config::new();
        let (backend, sandbox) = match mode {
            "recompiler" | "free" => (BackendKind::Compiler, Some(SandboxKind::Linux)),
            "interpreter" => (BackendKind::Interpreter, None),
            _ => return Err(format!("no mode is {mode}").into()),
        };
        config.set_backend(Some(backend));
        config.set_sandbox(sandbox);
        Ok(Self { engine: Engine::new(&config).map_err(|error| error.to_string())?, metered: mode != "free" })
    }

    fn ready(&self, bytes: &[u8], stages: &mut Stages) -> Result<Ready> {
        let blob = stages.time("parse", || {
            ProgramBlob::parse(bytes.into()).map_err(|error| format!("the blob: {error}").into())
        })?;
        let export = blob.exports().find(|export| export.symbol().as_bytes() == b"run");
        let run = export.ok_or("nothing is exported as run")?.program_counter();
        let module = stages.time("translate", || {
            let mut config = ModuleConfig::new();
            config.set_gas_metering(self.metered.then_some(GasMeteringKind::Sync));
            Ok(Module::from_blob(&self.engine, &config, blob).map_err(|error| error.to_string())?)
        })?;
        let instance = stages.time("instantiate", || Ok(module.instantiate().map_err(|error| error.to_string())?))?;
        Ok(Ready { instance, run, code: module.machine_code().map(<[u8]>::len) })
    }

    fn call(&self, Ready { instance, run, .. }: &mut Ready, n: u64) -> Result<u64> {
        instance.set_gas(i64::MAX / 2);
        instance.prepare_call_untyped(*run, &[n]);
        match instance.run().map_err(|error| error.to_string())? {
            InterruptKind::Finished => Ok(instance.reg(Reg::A0)),
            exit => Err(format!("the run ended with {exit:?}").into()),
        }
    }

    fn code(&self, ready: &Ready) -> Option<usize> {
        ready.code
    }
}

fn main() {
    serve::<PolkaVm>();
}
