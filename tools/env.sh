# Sourced by the scripts here, from the project's root: the node that tools/bootstrap has installed
# comes first, where Debian's own is too old.
for nm_bin in build/tools/node_modules/node-linux-*/bin; do
    if [ -x "$nm_bin/node" ]; then
        PATH=$PWD/$nm_bin:$PATH
    fi
done
unset nm_bin
export PATH npm_config_update_notifier=false
