// What VS Code's notebook renderer does around its widget bundle: a stand-in for the kernel, fed by the test.
async () => {
    const modules = {};  // what VS Code's require.js would keep
    window.define = (name, make) => { modules[name] = make(); };
    window.requirejs = ([name], resolve, reject) =>
        name in modules ? resolve(modules[name]) : reject(`there is no ${name}`);
    const {activate} = await import('./ipywidgets.js');
    activate();
    window.vscIPyWidgets8.load();
    const signal = () => ({connect: () => true, disconnect: () => true});
    const kernel = {
        name: 'python3', id: '1', username: '', clientId: '', status: 'idle', connectionStatus: 'connected',
        statusChanged: signal(), connectionStatusChanged: signal(), iopubMessage: signal(),
        unhandledMessage: signal(), registerCommTarget: () => {}, hasPendingInput: false,
    };
    const failures = window.failures = [], sent = window.sent = [], comms = {};
    const loader = {
        widgetsRegisteredInRequireJs: new Set(), successHandler: () => {},
        errorHandler: (...facts) => failures.push(facts.join(' ')),
        loadWidgetScript: async name => { failures.push(`asks for the script of ${name}`); },
    };
    const {WidgetManager} = window.vscIPyWidgets;
    const manager = new WidgetManager(kernel, document.body, loader, () => {}, undefined);
    // As `shims.services.Comm` of the bundle, which it does not export.
    const opened = id => comms[id] = {
        comm_id: id, target_name: 'jupyter.widget',
        on_msg(callback) { this.received = callback; }, on_close(callback) { this.closed = callback; },
        send(data, callbacks) {
            sent.push({comm_id: id, data});
            callbacks?.iopub?.status?.({content: {execution_state: 'idle'}});
            return '1';
        },
        close() { return '1'; },
    };
    window.receive = async messages => {
        for (const {kind, content} of messages) {
            const message = {content, metadata: {version: '2.1.0'}, buffers: [], header: {}, parent_header: {}};
            if (kind === 'comm_open') await manager.handle_comm_open(opened(content.comm_id), message);
            else if (kind === 'comm_msg') await comms[content.comm_id]?.received?.(message);
            else comms[content.comm_id]?.closed?.(message);
        }
    };
    window.draw = async id => {
        const view = await manager.create_view(await manager.get_model(id), {});
        await manager.display_view(undefined, view, {node: document.getElementById('output')});
    };
}
