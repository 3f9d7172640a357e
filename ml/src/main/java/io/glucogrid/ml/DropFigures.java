package io.glucogrid.ml;

import io.glucogrid.grid.LocalService;
import io.glucogrid.model.Forecasts;
import org.apache.ignite.Ignite;
import org.apache.ignite.lang.IgniteCallable;
import org.apache.ignite.resources.IgniteInstanceResource;

/** Job on every server node: drops the figures of a model that was removed. Answers whether the node had any. */
final class DropFigures implements IgniteCallable<Boolean> {
    private static final long serialVersionUID = 1L;

    private final String model;

    @IgniteInstanceResource
    private transient Ignite ignite;

    /** @param model {@code name@version} */
    DropFigures(String model) {
        this.model = model;
    }

    @Override
    public Boolean call() {
        LocalService<ForecastService> forecasts = new LocalService<>(ignite, Forecasts.NAME, ForecastService.class);
        return forecasts.isReady() && forecasts.get().watch().drop(model);
    }
}
