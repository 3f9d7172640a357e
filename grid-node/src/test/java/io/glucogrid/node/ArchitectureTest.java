package io.glucogrid.node;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.conditions.ArchConditions.callMethodWhere;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import io.glucogrid.feature.EntityKey;
import io.glucogrid.feature.FeatureRow;
import io.glucogrid.grid.Caches;
import io.glucogrid.model.LinearModel;
import io.glucogrid.store.HistoryKey;
import io.glucogrid.store.SegmentInfo;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.cache.processor.EntryProcessor;
import org.apache.ignite.Ignite;
import org.apache.ignite.Ignition;
import org.apache.ignite.compute.ComputeJob;
import org.apache.ignite.compute.ComputeTask;
import org.apache.ignite.lang.IgniteBiPredicate;
import org.apache.ignite.lang.IgniteCallable;
import org.apache.ignite.lang.IgniteClosure;
import org.apache.ignite.lang.IgnitePredicate;
import org.apache.ignite.lang.IgniteRunnable;
import org.apache.ignite.services.Service;
import org.apache.ignite.stream.StreamReceiver;
import org.jspecify.annotations.NullMarked;

/** The modules' order and the rules of the house, on the classes of every module but the broker's. */
@AnalyzeClasses(
        packages = "io.glucogrid",
        importOptions = {ImportOption.DoNotIncludeTests.class, ArchitectureTest.WrittenForThisProcess.class})
class ArchitectureTest {
    /** Neither the broker, which runs in a process of its own, nor what the grammar's generator wrote, nor tests in a jar. */
    static final class WrittenForThisProcess implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.contains("/io/glucogrid/broker/")
                    && !location.contains("/expression/grammar/")
                    && !location.contains("-tests.jar");
        }
    }

    private static final Pattern MODULE = Pattern.compile(".*/([^/]+)/target/.*");
    private static final String CONTRACT = "contract";
    private static final String ASSEMBLER = "grid-node";

    /** Types that Ignite marshals as keys and values. */
    private static final Set<Class<?>> CACHED =
            Set.of(FeatureRow.class, EntityKey.class, HistoryKey.class, SegmentInfo.class, LinearModel.class);

    /** What is sent to other nodes and runs there. */
    private static final List<Class<?>> SENT = List.of(
            IgniteCallable.class,
            IgniteRunnable.class,
            IgniteClosure.class,
            IgnitePredicate.class,
            IgniteBiPredicate.class,
            EntryProcessor.class,
            StreamReceiver.class,
            ComputeJob.class,
            ComputeTask.class,
            Service.class);

    @ArchTest
    static final ArchRule ignitesInternalsAreNobodysBusiness =
            noClasses().should().dependOnClassesThat().resideInAPackage("org.apache.ignite.internal..");

    @ArchTest
    static final ArchRule nobodyAsksForSomeNodeOfThisProcess = noClasses()
            .should(callMethodWhere(call(Ignition.class, "ignite", "localIgnite")))
            .because("two nodes may live in one process");

    @ArchTest
    static final ArchRule onlyCachesMakesCaches = noClasses()
            .that()
            .doNotBelongToAnyOf(Caches.class)
            .should(callMethodWhere(
                    call(Ignite.class, "createCache", "createCaches", "getOrCreateCache", "getOrCreateCaches")))
            .because("a misspelt name would silently be a new cache");

    @ArchTest
    static final ArchRule servicesKeepNothingThatTravels = fields().that()
            .areDeclaredInClassesThat()
            .areAssignableTo(Service.class)
            .should(new ArchCondition<>("be transient, or static and final") {
                @Override
                public void check(JavaField field, ConditionEvents events) {
                    Set<JavaModifier> modifiers = field.getModifiers();
                    boolean fine = modifiers.contains(JavaModifier.TRANSIENT)
                            || modifiers.containsAll(Set.of(JavaModifier.STATIC, JavaModifier.FINAL));
                    events.add(new SimpleConditionEvent(field, fine, field.getFullName() + " is marshalled"));
                }
            })
            .allowEmptyShould(true)
            .because("a service is marshalled when it is deployed");

    @ArchTest
    static final ArchRule whatTravelsHasANameOfItsOwn = classes()
            .that(describe("are sent to the grid", type -> SENT.stream().anyMatch(type::isAssignableTo)))
            .should(new ArchCondition<>("be neither anonymous, local nor inner") {
                @Override
                public void check(JavaClass type, ConditionEvents events) {
                    boolean captures = type.isAnonymousClass() || type.isLocalClass() || type.isInnerClass();
                    events.add(
                            new SimpleConditionEvent(type, !captures, type.getName() + " captures its surroundings"));
                }
            })
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule httpStaysInOnePackage = noClasses()
            .that()
            .resideOutsideOfPackage("..http..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.undertow..", "org.xnio..");

    @ArchTest
    static final ArchRule kafkaStaysInStreamsAndClients = noClasses()
            .that()
            .resideOutsideOfPackages("..stream..", "..client..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.kafka..", "org.apache.ignite.stream.kafka..");

    @ArchTest
    static final ArchRule parquetStaysInLoaders = noClasses()
            .that(describe("are not of loaders", type -> !"loaders".equals(module(type))))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.parquet..", "org.apache.hadoop..");

    @ArchTest
    static final ArchRule timeIsInjected = noClasses()
            .should(callMethodWhere(call(System.class, "currentTimeMillis")))
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(Date.class);

    @ArchTest
    static final ArchRule errorsAreLoggedNotPrinted = noClasses()
            .should(callMethodWhere(describe(
                    "prints a stack trace to nobody in particular",
                    call -> call.getName().equals("printStackTrace")
                            && call.getTarget().getRawParameterTypes().isEmpty())));

    @ArchTest
    static final ArchRule noStaticFieldChanges =
            fields().that().areStatic().should().beFinal().because("two nodes may live in one process");

    @ArchTest
    static final ArchRule namesSayWhatThingsAre = noClasses()
            .should()
            .haveSimpleNameEndingWith("Manager")
            .orShould()
            .haveSimpleNameEndingWith("Helper")
            .orShould()
            .haveSimpleNameEndingWith("Util")
            .orShould()
            .haveSimpleNameEndingWith("Utils")
            .orShould()
            .haveSimpleNameEndingWith("Impl")
            .orShould()
            .haveSimpleNameEndingWith("Base");

    @ArchTest
    static final ArchRule modulesFormADag = classes().should(new ArchCondition<>("use only contract and their module") {
        @Override
        public void check(JavaClass type, ConditionEvents events) {
            String from = module(type);
            for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                JavaClass target = dependency.getTargetClass().getBaseComponentType();
                if (!target.getPackageName().startsWith("io.glucogrid")) {
                    continue;
                }
                String to = module(target);
                boolean allowed = to.equals(from) || to.equals(CONTRACT) || from.equals(ASSEMBLER);
                events.add(new SimpleConditionEvent(dependency, allowed, dependency.getDescription()));
            }
        }
    });

    @ArchTest
    static void aPackageBelongsToOneModule(JavaClasses classes) {
        Map<String, Set<String>> modules = new HashMap<>();
        for (JavaClass type : classes) {
            modules.computeIfAbsent(type.getPackageName(), name -> new TreeSet<>())
                    .add(module(type));
        }
        assertThat(modules)
                .isNotEmpty()
                .allSatisfy((name, owners) -> assertThat(owners).as(name).hasSize(1));
    }

    @ArchTest
    static void everyPackageIsNullMarked(JavaClasses classes) {
        Set<JavaPackage> packages = classes.stream().map(JavaClass::getPackage).collect(Collectors.toSet());
        assertThat(packages).isNotEmpty().allSatisfy(one -> assertThat(one.isAnnotatedWith(NullMarked.class))
                .as(one.getName())
                .isTrue());
    }

    @ArchTest
    static void cachedTypesAreFinalClasses(JavaClasses classes) {
        assertThat(CACHED).allSatisfy(type -> {
            JavaClass cached = classes.get(type);
            assertThat(cached.getModifiers()).contains(JavaModifier.FINAL);
            assertThat(cached.isRecord()).as(cached.getName()).isFalse();
        });
    }

    @ArchTest
    static void igniteMlHasAtMostTwoUsers(JavaClasses classes) {
        Set<String> users = classes.stream()
                .filter(type -> type.getDirectDependenciesFromSelf().stream()
                        .anyMatch(dependency ->
                                dependency.getTargetClass().getPackageName().startsWith("org.apache.ignite.ml")))
                .map(type -> type.getName().replaceAll("\\$.*", ""))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(users).hasSizeLessThanOrEqualTo(2);
    }

    private static DescribedPredicate<JavaMethodCall> call(Class<?> owner, String... names) {
        return describe(
                owner.getSimpleName() + "." + String.join("|", names),
                call -> List.of(names).contains(call.getName())
                        && call.getTargetOwner().isAssignableTo(owner));
    }

    /** The module that a class was compiled in, by where its file or jar lies. */
    private static String module(JavaClass type) {
        String place =
                type.getSource().map(source -> source.getUri().toString()).orElse("");
        Matcher module = MODULE.matcher(place);
        if (!module.matches()) { // else every rule about modules would hold for nothing
            throw new IllegalStateException(type.getName() + " lies in no module of this build: '" + place + "'");
        }
        return module.group(1);
    }
}
