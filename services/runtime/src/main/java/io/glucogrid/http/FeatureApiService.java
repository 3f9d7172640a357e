package io.glucogrid.http;

import io.glucogrid.cgm.LiveFeed;
import io.glucogrid.door.Operations;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.grid.LocalService;
import io.glucogrid.grid.NodeSettings;
import io.glucogrid.metrics.Latencies;
import io.glucogrid.serving.ApiAddress;
import java.net.URI;
import org.apache.ignite.Ignite;
import org.apache.ignite.resources.IgniteInstanceResource;
import org.apache.ignite.services.Service;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The Ignite service that carries the feature API; deploy one on every server node as {@link #NAME}. */
public final class FeatureApiService implements Service {
    /** Name of the service. */
    public static final String NAME = "feature-api";

    private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger(FeatureApiService.class);

    @IgniteInstanceResource
    private transient Ignite ignite;

    private transient volatile @Nullable HttpServer server;
    private transient volatile boolean draining;

    @Override
    public void init() {
        NodeSettings settings = NodeSettings.of(ignite);
        Latencies latencies = new Latencies();
        FeatureApi api = new FeatureApi(ignite, new Operations(ignite), latencies, () -> draining);
        HttpServer started;
        try {
            started = HttpServer.start(
                    settings.httpHost(),
                    settings.httpPort(),
                    settings.httpPorts(),
                    api.routes(),
                    new LiveStream(new LocalService<>(ignite, LiveFeed.NAME, LiveFeed.class)),
                    latencies);
        } catch (GridException refused) {
            ApiAddress.fail(ignite, refused);
            throw refused;
        }
        server = started;
        ApiAddress.publish(ignite, started.address());
        LOG.info("feature API on {}", started.address());
    }

    @Override
    public void cancel() {
        draining = true;
        ApiAddress.withdraw(ignite);
        HttpServer running = server;
        if (running != null) {
            running.close();
        }
    }

    /** Where the API listens; NOT_READY before it does. */
    public URI address() {
        HttpServer running = server;
        if (running == null) {
            throw new GridException(ErrorCode.NOT_READY, "the feature API has not started on this node yet");
        }
        return running.address();
    }
}
