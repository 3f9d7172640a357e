package io.glucogrid.stream;

import io.glucogrid.cgm.LiveFeed;
import io.glucogrid.feature.Definitions;
import io.glucogrid.feature.FeatureStore;
import io.glucogrid.grid.GridException;
import io.glucogrid.grid.LocalService;
import io.glucogrid.grid.NodeSettings;
import io.glucogrid.live.LivePublisher;
import io.glucogrid.model.Forecasts;
import io.glucogrid.model.Predictor;
import io.glucogrid.online.HotHistory;
import io.glucogrid.store.OfflineStore;
import io.glucogrid.store.StreamControl;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.ignite.Ignite;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One of the two streams of a node, put together from the node's settings and services. */
final class GridStream implements StreamControl, AutoCloseable {
    static final String ONLINE_GROUP = "online";
    static final String OFFLINE_GROUP = "offline";

    private static final Logger LOG = LoggerFactory.getLogger(GridStream.class);
    private static final Duration ANSWER = Duration.ofSeconds(15);

    private final StreamFigures figures;
    private final @Nullable CommittingKafkaStreamer<Object, Object> streamer;
    private final String reason;

    /** @param streamer null where the stream does not run, for the reason given */
    private GridStream(
            StreamFigures figures, @Nullable CommittingKafkaStreamer<Object, Object> streamer, String reason) {
        this.figures = figures;
        this.streamer = streamer;
        this.reason = reason;
    }

    /** Starts the online stream; it waits by itself for whatever is not there yet. */
    static GridStream online(Ignite ignite) {
        LocalService<OfflineStore> store = new LocalService<>(ignite, OfflineStore.NAME, OfflineStore.class);
        return started(ignite, ONLINE_GROUP, clients -> new DeadLettersElsewhere(), parts -> {
            ColdStart cold = new ColdStart(ignite, parts.clients(), ONLINE_GROUP, OFFLINE_GROUP);
            return () -> {
                FeatureStore features = parts.features().get();
                StreamPlan plan = parts.plan(features.definitions());
                CgmForecast forecast = parts.forecast(plan.definitions(), new OnlineLookup(features));
                cold.rewind(parts.settings().topic(), Deadline.in(ANSWER));
                return new SuppressingStage(OnlineStage.open(ignite, features, plan, forecast), store, plan.table());
            };
        });
    }

    /** Starts the offline stream; it waits by itself for whatever is not there yet. */
    static GridStream offline(Ignite ignite) {
        LocalService<OfflineStore> store = new LocalService<>(ignite, OfflineStore.NAME, OfflineStore.class);
        HotHistory hot = new HotHistory(ignite);
        Function<KafkaClients, DeadLetters> letters = clients ->
                new DeadLetterTopic(() -> clients.producer(CommittingKafkaStreamer.BATCH_DEADLINE.dividedBy(2)));
        return started(ignite, OFFLINE_GROUP, letters, parts -> {
            ColdStart cold = new ColdStart(ignite, parts.clients(), ONLINE_GROUP, OFFLINE_GROUP);
            return () -> {
                FeatureStore features = parts.features().get();
                StreamPlan plan = parts.plan(features.definitions());
                CgmForecast forecast = parts.forecast(plan.definitions(), new OfflineLookup(features));
                cold.rewind(parts.settings().topic(), Deadline.in(ANSWER)); // before this group moves on
                OfflineStage stage = new OfflineStage(features, store.get(), hot, plan, forecast);
                return new SuppressingStage(stage, store, plan.table());
            };
        });
    }

    private static GridStream started(
            Ignite ignite,
            String group,
            Function<KafkaClients, DeadLetters> letters,
            Function<Parts, Supplier<StreamStage<?>>> stages) {
        NodeSettings settings = NodeSettings.of(ignite);
        StreamFigures figures = new StreamFigures();
        if (!settings.streams()) {
            return new GridStream(figures, null, "GRID_STREAMS is false");
        }
        Properties properties;
        EventLimits limits;
        try {
            properties = KafkaClients.propertiesOf(settings);
            limits = EventLimits.of(properties);
        } catch (GridException unusable) {
            LOG.error("stream={} state=stopped reason=\"{}\"", group, unusable.reason());
            return new GridStream(figures, null, unusable.reason());
        }
        properties.setProperty("group.id", group);
        if (group.equals(OFFLINE_GROUP)) {
            // A segment per handful of readings would cost more than the readings; nobody waits for the offline path.
            properties.putIfAbsent(ConsumerConfig.FETCH_MIN_BYTES_CONFIG, "65536");
            properties.putIfAbsent(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, "200");
        }
        KafkaClients clients = new KafkaClients(properties);
        Parts parts = new Parts(
                settings,
                limits,
                clients,
                new LocalService<>(ignite, FeatureStore.NAME, FeatureStore.class),
                new LocalService<>(ignite, Predictor.NAME, Predictor.class),
                new LocalService<>(ignite, LiveFeed.NAME, LivePublisher.class),
                new LiveForecasts(new LocalService<>(ignite, Forecasts.NAME, Forecasts.class)),
                figures,
                group,
                new AtomicLong());
        Supplier<StreamStage<?>> stage = stages.apply(parts);
        StreamEdges edges =
                new KafkaEdges(group, clients, List.of(settings.topic()), stage, letters, Clock.systemUTC());
        CommittingKafkaStreamer<Object, Object> streamer = new CommittingKafkaStreamer<>(
                group, configured -> edges, figures, CommittingKafkaStreamer.BATCH_DEADLINE);
        streamer.setIgnite(ignite);
        streamer.setTopic(List.of(settings.topic()));
        streamer.setConsumerConfig(properties);
        streamer.start();
        return new GridStream(figures, streamer, "");
    }

    @Override
    public Map<String, Object> status() {
        return streamer == null
                ? CommittingKafkaStreamer.status(StreamLoop.State.STOPPED, reason, Map.of(), figures)
                : streamer.status();
    }

    @Override
    public void pause(Hold hold) {
        if (streamer != null) { // one that does not run is as good as paused
            streamer.pause(hold);
        }
    }

    @Override
    public void resume(Hold hold) {
        if (streamer != null) {
            streamer.resume(hold);
        }
    }

    @Override
    public void close() {
        if (streamer != null) {
            streamer.stop();
        }
    }

    /** What both streams are made of. */
    private record Parts(
            NodeSettings settings,
            EventLimits limits,
            KafkaClients clients,
            LocalService<FeatureStore> features,
            LocalService<Predictor> predictor,
            LocalService<LivePublisher> live,
            LiveForecasts forecasts,
            StreamFigures figures,
            String path,
            AtomicLong count) {
        StreamPlan plan(Definitions definitions) {
            return StreamPlan.of(definitions, settings.topic(), limits, Clock.systemUTC());
        }

        /** The forecast, as soon as its model is there; null where the definitions lack the feature service. */
        @Nullable
        CgmForecast forecast(Definitions definitions, FeatureLookup lookup) {
            if (!definitions.services().containsKey(lookup.service())) {
                return null;
            }
            CgmForecast forecast = CgmForecast.silent(path, lookup, predictor, live, figures, count);
            forecast.requireModel();
            if (path.equals(ONLINE_GROUP)) {
                forecast = forecast.forecasting(forecasts);
            }
            return settings.logReadings() ? forecast.logging() : forecast;
        }
    }
}
