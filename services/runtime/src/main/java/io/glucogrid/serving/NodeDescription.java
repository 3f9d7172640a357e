package io.glucogrid.serving;

import io.glucogrid.api.Endpoint;
import io.glucogrid.cluster.RowStore;
import io.glucogrid.feature.FeatureStore;
import io.glucogrid.grid.LocalService;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.ignite.Ignite;
import org.apache.ignite.cluster.ClusterNode;

/** What a node says of itself in {@code /status}. */
final class NodeDescription {
    /** Attributes that Ignite gives every node with these doors; their names are not part of its public classes. */
    private static final String REST_PORT = "org.apache.ignite.rest.jetty.port";

    private static final String THIN_CLIENT_PORT = "clientListenerPort";

    private final Ignite ignite;

    NodeDescription(Ignite ignite) {
        this.ignite = ignite;
    }

    Map<String, Object> tree() {
        ClusterNode node = ignite.cluster().localNode();
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("id", node.id().toString());
        tree.put("name", RowStore.nodeName(node));
        tree.put("order", node.order());
        LocalService<FeatureStoreService> store =
                new LocalService<>(ignite, FeatureStore.NAME, FeatureStoreService.class);
        boolean ready = store.isReady();
        tree.put(
                "definitions_version",
                ready && store.get().runtime().registry().isLoaded()
                        ? store.get().runtime().registry().snapshot().document().version()
                        : 0L);
        Map<String, Object> ports = new LinkedHashMap<>();
        LocalService<Endpoint> api = new LocalService<>(ignite, Endpoint.NAME, Endpoint.class);
        if (api.isReady()) {
            URI address = api.get().address();
            tree.put("feature_api", address.toString());
            ports.put("http", address.getPort());
        }
        putPort(ports, "ignite_rest", node.attribute(REST_PORT));
        putPort(ports, "thin_client", node.attribute(THIN_CLIENT_PORT));
        tree.put("ports", ports);
        tree.put("streams", new Streams(ignite).status());
        return tree;
    }

    private static void putPort(Map<String, Object> ports, String door, Object port) {
        if (port instanceof Integer number) {
            ports.put(door, number);
        }
    }
}
