use crate::{errors::Outcome, output::Context};
pub fn run(_: &crate::args::Import, _: &mut Context) -> Outcome {
    Ok(())
}
