package io.glucogrid.http;

import io.glucogrid.api.Endpoint;
import io.glucogrid.cgm.LiveFeed;
import io.glucogrid.door.Operations;
import io.glucogrid.feast.FeastApi;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.grid.LocalService;
import io.glucogrid.grid.NodeSettings;
import io.glucogrid.metrics.FeastFigures;
import io.glucogrid.metrics.Latencies;
import io.glucogrid.metrics.PrometheusText;
import io.glucogrid.serving.FeatureRuntime;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.ignite.Ignite;
import org.apache.ignite.resources.IgniteInstanceResource;
import org.apache.ignite.services.Service;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Ignite service that carries the feature API; deploy one on every server node as {@link Endpoint#NAME}. Where no port is
 * free it fails, and Ignite logs why and starts the node without it: a launcher sees that the service is missing.
 */
public final class FeatureApiService implements Service, Endpoint {
    private static final Duration DRAIN_DEADLINE = Duration.ofSeconds(5);
    private static final int STATUS_THREADS = 2;
    private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger(FeatureApiService.class);

    @IgniteInstanceResource
    private transient Ignite ignite;

    private transient volatile @Nullable HttpServer server;
    private transient volatile @Nullable FeastApi feast;
    private transient volatile @Nullable ExecutorService aboutTheNode;
    private transient volatile boolean draining;

    @Override
    public void init() {
        NodeSettings settings = NodeSettings.of(ignite);
        Latencies latencies = new Latencies();
        FeastFigures figures = new FeastFigures();
        AtomicInteger active = new AtomicInteger();
        AtomicInteger waiting = new AtomicInteger();
        Operations operations = new Operations(ignite);
        FeastApi opened = FeastApi.over(operations::runtime, figures);
        feast = opened;
        ExecutorService threads = Executors.newFixedThreadPool(STATUS_THREADS, task -> {
            Thread thread = new Thread(task, "http-status");
            thread.setDaemon(true);
            return thread;
        });
        aboutTheNode = threads;
        FeatureApi api = new FeatureApi(
                operations,
                opened,
                new Bodies(settings.requests().nesting()),
                () -> PrometheusText.of(ignite, latencies, figures, active.get(), waiting.get(), freshness(operations)),
                () -> draining);
        LiveStream live = new LiveStream(new LocalService<>(ignite, LiveFeed.NAME, LiveFeed.class));
        HttpServer started = HttpServer.start(
                settings.httpHost(),
                settings.httpPort(),
                settings.httpPorts(),
                settings.requests(),
                live,
                new InFlight(
                        new Dispatcher(
                                api.routes(),
                                live,
                                new LongJoins(
                                        operations,
                                        settings.workDir(),
                                        settings.requests(),
                                        settings.deadline(),
                                        settings.joinMegabytes(),
                                        LongJoins.Room.standard()),
                                latencies,
                                settings.requests(),
                                settings.deadline(),
                                threads,
                                waiting),
                        active));
        server = started;
        LOG.info("feature API on {}", started.address());
    }

    /** Nothing while the feature store starts: metrics are there before it. */
    private static PrometheusText.Freshness freshness(Operations operations) {
        try {
            FeatureRuntime runtime = operations.runtime();
            return new PrometheusText.Freshness(runtime.definitions().project(), runtime.freshnessSeconds());
        } catch (GridException starting) {
            return new PrometheusText.Freshness("", Map.of());
        }
    }

    @Override
    public void cancel() {
        drain(DRAIN_DEADLINE);
        HttpServer running = server;
        if (running != null) {
            running.close();
        }
        ExecutorService threads = aboutTheNode;
        if (threads != null) {
            threads.shutdownNow();
        }
        FeastApi opened = feast;
        if (opened != null) {
            opened.close();
        }
    }

    @Override
    public void drain(Duration deadline) {
        draining = true;
        HttpServer running = server;
        if (running != null) {
            running.drain(deadline);
        }
    }

    @Override
    public URI address() {
        HttpServer running = server;
        if (running == null) {
            throw new GridException(ErrorCode.NOT_READY, "the feature API has not started on this node yet");
        }
        return running.address();
    }
}
