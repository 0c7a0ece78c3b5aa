//! What verbs use of the machine that nobody names to them.

use std::path::PathBuf;

use folkmoot_plugin_host::Compiler;

/// What verbs use of the machine that nobody names to them.
#[derive(Clone, Debug)]
pub struct Machine {
    /// Who compiles plugins.
    pub compiler: Compiler,
    /// Folder of compiled plugins; nothing is kept where there is none.
    pub cache: Option<PathBuf>,
}

impl Machine {
    /// `compiler`, and the cache of whoever runs this process: `folkmoot/plugin-cache` in
    /// `$XDG_CACHE_HOME` or in `~/.cache`.
    pub fn of_user(compiler: Compiler) -> Self {
        let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let caches = absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".cache")));
        Self { compiler, cache: caches.map(|folder| folder.join("folkmoot").join("plugin-cache")) }
    }
}
