using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Tributary.Hosting.Metrics;

namespace Tributary.Hosting.Health;

/// <summary><c>/healthz/live</c>, <c>/healthz/ready</c> (200 <c>ok</c>, or 503 with a line a problem), <c>/metrics</c>, and <c>/status</c> where there is one.</summary>
public static class HealthEndpoints
{
    public static void MapTributaryHealth(this IEndpointRouteBuilder endpoints)
    {
        var services = endpoints.ServiceProvider.GetServices<IServiceHealth>().ToArray();
        var metrics = endpoints.ServiceProvider.GetRequiredService<MetricsReader>();
        endpoints.MapGet("/healthz/live", () => Answer(services, s => s.NotLive()));
        endpoints.MapGet("/healthz/ready", () => Answer(services, s => s.NotReady()));
        if (endpoints.ServiceProvider.GetService<StatusPage>() is { } status)
        {
            endpoints.MapGet("/status", (HttpContext http) => Results.Bytes(status.Render(Entries(http.Request.Query["max"])), "application/json"));
        }

        endpoints.MapGet("/metrics", () => Results.Text(metrics.Render(), "text/plain; version=0.0.4; charset=utf-8"));
    }

    private static int Entries(string? max) => int.TryParse(max, NumberStyles.None, CultureInfo.InvariantCulture, out var wanted)
        ? Math.Clamp(wanted, 1, StatusPage.EntriesMax)
        : StatusPage.EntriesDefault;

    private static IResult Answer(IServiceHealth[] services, Func<IServiceHealth, string?> ask)
    {
        var problems = services.Select(s => (s.Service, Problem: ask(s))).Where(a => a.Problem is not null).ToArray();
        return problems.Length == 0
            ? Results.Text("ok\n")
            : Results.Text(string.Concat(problems.Select(p => $"{p.Service}: {p.Problem}\n")), statusCode: StatusCodes.Status503ServiceUnavailable);
    }
}
