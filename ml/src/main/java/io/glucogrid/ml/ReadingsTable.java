package io.glucogrid.ml;

import io.glucogrid.cgm.Cgm;
import io.glucogrid.feature.FeatureStore;
import io.glucogrid.feature.ValueType;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.grid.LocalService;
import io.glucogrid.store.TableSchema;
import org.apache.ignite.Ignite;

/** The history table of readings, as the definitions in force describe it. */
final class ReadingsTable {
    private ReadingsTable() {}

    /** INVALID_REQUEST where the definitions have no such table, NOT_READY while there are none. */
    static TableSchema of(Ignite ignite) {
        return of(new LocalService<>(ignite, FeatureStore.NAME, FeatureStore.class).get());
    }

    static TableSchema of(FeatureStore features) {
        TableSchema table = features.definitions().tables().stream()
                .filter(candidate -> candidate.name().equals(Cgm.TABLE))
                .findFirst()
                .orElseThrow(() -> new GridException(
                        ErrorCode.INVALID_REQUEST,
                        "there is nothing to fit: no feature view reads a table named '" + Cgm.TABLE + "'"));
        if (table.joinKeys().get(0).type() != ValueType.INT64 || table.valueIndex(Cgm.GLUCOSE) < 0) {
            throw new GridException(
                    ErrorCode.INVALID_REQUEST,
                    "table '" + Cgm.TABLE + "' needs an INT64 subject and a column '" + Cgm.GLUCOSE + "'");
        }
        return table;
    }
}
