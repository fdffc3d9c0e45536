namespace Tributary.Benchmarks.Corpora;

/// <summary>What a Java service logs on a bad day: traces of 12 to 30 lines with a cause, between them single lines.</summary>
internal static class JavaTraces
{
    internal const string Rules =
        """
        apiVersion: tributary.io/v1alpha1
        kind: LogConfig
        metadata: {name: java}
        spec:
          sources: [{stdout: {}}]
          multiline: {preset: java}
        """;

    private static readonly string[] s_classes =
    [
        "com.example.shop.orders.OrderService", "com.example.shop.orders.OrderController$$EnhancerBySpringCGLIB$$4f92f357",
        "org.springframework.web.method.support.InvocableHandlerMethod", "org.apache.catalina.core.ApplicationFilterChain",
        "java.base/java.util.concurrent.ThreadPoolExecutor$Worker", "org.hibernate.internal.SessionImpl",
    ];

    /// <summary>The records that a rule drops: none.</summary>
    internal static long Write(CriFile file, long lines)
    {
        var random = new Random(20_261_121);
        while (file.Lines + 40 < lines)
        {
            for (var i = random.Next(6); i >= 0; i--)
            {
                file.Line($"{file.Now:yyyy-MM-dd HH:mm:ss.fff}  INFO 1 --- [nio-8080-exec-{random.Next(9)}] c.e.shop.orders.OrderController : order {random.Next(1_000_000)} of user {random.Next(10_000)} handled in {random.Next(400)} ms, cache miss, pool 12, queue 3");
                file.Records++;
            }

            file.Line($"Exception in thread \"worker-{random.Next(64)}\" java.lang.IllegalStateException: order {random.Next(1_000_000)} cannot be paid: the account service did not answer within 3000 ms");
            Frames(file, random, random.Next(8, 20));
            file.Line($"Caused by: java.net.SocketTimeoutException: Read timed out after {random.Next(3000)} ms while waiting for accounts.internal:8443");
            Frames(file, random, random.Next(2, 8));
            file.Line("\t... 42 more");
            file.Records++;
        }

        while (file.Lines < lines)
        {
            file.Line($"{file.Now:yyyy-MM-dd HH:mm:ss.fff}  INFO 1 --- [main] c.e.shop.Application : stopping");
            file.Records++;
        }

        return 0;
    }

    private static void Frames(CriFile file, Random random, int count)
    {
        for (; count > 0; count--)
        {
            file.Line($"\tat {s_classes[random.Next(s_classes.Length)]}.invokeWithinTransaction$default(OrderServiceImplementation.java:{random.Next(1, 900)}) ~[shop-orders-2.17.{random.Next(9)}.jar!/:na]");
        }
    }
}
