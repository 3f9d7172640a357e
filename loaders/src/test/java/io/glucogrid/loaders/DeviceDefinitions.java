package io.glucogrid.loaders;

import io.glucogrid.feature.Definitions;
import io.glucogrid.feature.Entity;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.feature.Field;
import io.glucogrid.feature.Source;
import io.glucogrid.feature.StoredDefinitions;
import io.glucogrid.feature.ValueType;
import io.glucogrid.store.TableSchema;
import java.util.List;
import java.util.Map;

/** Devices known by a text, beside readings; the stored document is the path of the devices' source. */
public final class DeviceDefinitions implements StoredDefinitions {
    static final TableSchema DEVICES = new TableSchema(
            "devices",
            List.of(new Field("device", ValueType.STRING)),
            "at",
            "received",
            List.of(
                    new Field("temperature", ValueType.DOUBLE),
                    new Field("level", ValueType.FLOAT),
                    new Field("battery", ValueType.INT32),
                    new Field("faulty", ValueType.BOOL),
                    new Field("firmware", ValueType.STRING),
                    new Field("serviced", ValueType.UNIX_TIMESTAMP)));

    @Override
    public Definitions inForce(String document) {
        String path = document.isEmpty() ? null : document;
        return new Definitions(
                "test",
                Map.of(
                        "device", new Entity("device", DEVICES.joinKeys(), "", Map.of()),
                        "subject", new Entity("subject", Tiers.READINGS.joinKeys(), "", Map.of())),
                Map.of(
                        "device_files",
                        new Source.Parquet(
                                "device_files", DEVICES.name(), path, DEVICES.eventTime(), DEVICES.created()),
                        "reading_files",
                        new Source.Parquet("reading_files", "readings", null, "event_timestamp", "created")),
                Map.of(
                        "device_view", view("device_view", "device", "device_files", DEVICES.values()),
                        "reading_view", view("reading_view", "subject", "reading_files", Tiers.READINGS.values())),
                Map.of(),
                Map.of());
    }

    private static FeatureView view(String name, String entity, String source, List<Field> features) {
        return new FeatureView(
                name, List.of(entity), null, true, FeatureView.OnlineTtl.SERVE, source, features, "", Map.of());
    }
}
