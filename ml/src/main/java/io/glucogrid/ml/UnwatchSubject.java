package io.glucogrid.ml;

import io.glucogrid.grid.LocalService;
import io.glucogrid.model.Forecasts;
import org.apache.ignite.Ignite;
import org.apache.ignite.lang.IgniteCallable;
import org.apache.ignite.resources.IgniteInstanceResource;

/** Job on every server node: drops a subject's forecasts that wait to be scored. Answers whether the node had any. */
final class UnwatchSubject implements IgniteCallable<Boolean> {
    private static final long serialVersionUID = 1L;

    private final long subjectId;

    @IgniteInstanceResource
    private transient Ignite ignite;

    UnwatchSubject(long subjectId) {
        this.subjectId = subjectId;
    }

    @Override
    public Boolean call() {
        LocalService<ForecastService> forecasts = new LocalService<>(ignite, Forecasts.NAME, ForecastService.class);
        return forecasts.isReady() && forecasts.get().watch().forget(subjectId);
    }
}
