package io.glucogrid.feature;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.TableSchema;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One version of everything a project defines. Immutable; maps keep the order of the definition files. */
public record Definitions(
        String project,
        Map<String, Entity> entities,
        Map<String, Source> sources,
        Map<String, FeatureView> views,
        Map<String, OnDemandView> onDemandViews,
        Map<String, FeatureService> services) {
    public Definitions {
        entities = ordered(entities);
        sources = ordered(sources);
        views = ordered(views);
        onDemandViews = ordered(onDemandViews);
        services = ordered(services);
    }

    /** The definitions of a project that defines nothing. */
    public static Definitions empty(String project) {
        return new Definitions(project, Map.of(), Map.of(), Map.of(), Map.of(), Map.of());
    }

    /** Join keys of a view: those of its entities, in order. */
    public List<Field> joinKeys(FeatureView view) {
        List<Field> keys = new ArrayList<>();
        for (String entity : view.entities()) {
            keys.addAll(found(entities.get(entity), "entity", entity).joinKeys());
        }
        return Collections.unmodifiableList(keys);
    }

    /** The Parquet source behind a view: its own, or the batch source of its push source. */
    public Source.Parquet parquetSource(FeatureView view) {
        Source source = found(sources.get(view.source()), "source", view.source());
        if (source instanceof Source.Push push) {
            source = found(sources.get(push.batchSource()), "source", push.batchSource());
        }
        if (source instanceof Source.Parquet parquet) {
            return parquet;
        }
        throw new GridException(
                ErrorCode.INVALID_CONFIG,
                "feature view '" + view.name() + "' needs a parquet source behind '" + view.source() + "'");
    }

    /**
     * The history table of a Parquet source: join keys and features of all views that read it, in the order of the files.
     */
    public TableSchema table(Source.Parquet source) {
        List<Field> keys = List.of();
        Map<String, Field> values = new LinkedHashMap<>();
        for (FeatureView view : views.values()) {
            if (!parquetSource(view).name().equals(source.name())) {
                continue;
            }
            keys = joinKeys(view);
            for (Field feature : view.features()) {
                if (!feature.name().equals(source.timestampField())
                        && !feature.name().equals(source.createdField())) {
                    values.putIfAbsent(feature.name(), feature);
                }
            }
        }
        if (keys.isEmpty()) {
            throw new GridException(ErrorCode.NOT_FOUND, "no feature view reads the source '" + source.name() + "'");
        }
        String created = source.createdField() == null ? TableSchema.DEFAULT_CREATED : source.createdField();
        return new TableSchema(source.table(), keys, source.timestampField(), created, List.copyOf(values.values()));
    }

    /** Tables of all Parquet sources that a view reads, in the order of the files. */
    public List<TableSchema> tables() {
        Map<String, TableSchema> tables = new LinkedHashMap<>();
        for (FeatureView view : views.values()) {
            Source.Parquet source = parquetSource(view);
            tables.computeIfAbsent(source.table(), name -> table(source));
        }
        return List.copyOf(tables.values());
    }

    /** Views that a push to {@code pushSource} feeds. */
    public List<FeatureView> viewsOfPushSource(String pushSource) {
        return views.values().stream()
                .filter(view -> view.source().equals(pushSource))
                .toList();
    }

    /** The push source that reads {@code topic}; null where none does. */
    public Source.@Nullable Push pushSourceOfTopic(String topic) {
        for (Source source : sources.values()) {
            if (source instanceof Source.Push push && topic.equals(push.topic())) {
                return push;
            }
        }
        return null;
    }

    private static <T> T found(@Nullable T value, String kind, String name) {
        if (value == null) {
            throw new GridException(ErrorCode.NOT_FOUND, kind + " '" + name + "' does not exist");
        }
        return value;
    }

    private static <V> Map<String, V> ordered(Map<String, V> map) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }
}
