package io.glucogrid.node;

import io.glucogrid.cluster.RowStore;
import java.io.Serializable;
import java.util.UUID;
import org.apache.ignite.cluster.ClusterNode;
import org.apache.ignite.plugin.CachePluginContext;
import org.apache.ignite.plugin.CachePluginProvider;
import org.apache.ignite.plugin.ExtensionRegistry;
import org.apache.ignite.plugin.IgnitePlugin;
import org.apache.ignite.plugin.PluginConfiguration;
import org.apache.ignite.plugin.PluginContext;
import org.apache.ignite.plugin.PluginProvider;
import org.apache.ignite.plugin.PluginValidationException;
import org.jspecify.annotations.Nullable;

/** Lets no node with rows of its own join a grid whose rows may have changed since, and none without persistence one with it. */
final class KeptRowsGuard implements PluginProvider<PluginConfiguration> {
    /** How its refusal begins. */
    static final String REFUSED = "kept rows are older than the grid";

    static final String MIXED = "GRID_PERSISTENCE has to be the same on all nodes";

    /** How it says that there is a node of that name. */
    static final String SAME_NAME = "a node of that name is in the grid";

    private volatile boolean closed;
    private volatile @Nullable PluginContext context;

    /** From now on rows may change. */
    void close() {
        closed = true;
    }

    @Override
    @Deprecated // the one that is in use calls it, and has nothing more to tell
    public void validateNewNode(ClusterNode node) {
        if (node.isClient()) {
            return;
        }
        Object members = node.attribute(RowStore.MEMBERS);
        if (members == null) {
            throw new PluginValidationException(MIXED, MIXED, node.id());
        }
        PluginContext known = context;
        if (known != null
                && known.nodes().stream().anyMatch(other -> isServer(other, RowStore.nodeName(node), node.id()))) {
            throw new PluginValidationException(SAME_NAME, SAME_NAME, node.id());
        }
        if (closed && !members.toString().isEmpty()) {
            throw new PluginValidationException(REFUSED, REFUSED, node.id());
        }
    }

    /** Whether it is a server of that name, and not that node itself. */
    private static boolean isServer(ClusterNode node, String name, UUID unlike) {
        return !node.isClient()
                && !node.id().equals(unlike)
                && RowStore.nodeName(node).equals(name);
    }

    @Override
    public String name() {
        return "glucogrid-kept-rows";
    }

    @Override
    public String version() {
        return "1";
    }

    @Override
    public String copyright() {
        return "";
    }

    @Override
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // as the interface has it
    public <T extends IgnitePlugin> T plugin() {
        return (T) new Nothing();
    }

    /** There is nothing to ask it. */
    private static final class Nothing implements IgnitePlugin {}

    @Override
    public void initExtensions(PluginContext context, ExtensionRegistry registry) {}

    @Override
    public <T> @Nullable T createComponent(PluginContext context, Class<T> type) {
        return null;
    }

    @Override
    @SuppressWarnings("rawtypes") // as the interface has it
    public @Nullable CachePluginProvider createCacheProvider(CachePluginContext context) {
        return null;
    }

    @Override
    public void start(PluginContext started) {
        context = started;
    }

    @Override
    public void stop(boolean cancel) {}

    @Override
    public void onIgniteStart() {}

    @Override
    public void onIgniteStop(boolean cancel) {}

    @Override
    public @Nullable Serializable provideDiscoveryData(UUID node) {
        return null;
    }

    @Override
    public void receiveDiscoveryData(UUID node, @Nullable Serializable data) {}
}
