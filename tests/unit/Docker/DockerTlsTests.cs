using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tributary.Docker;
using Tributary.Testing;
using Xunit;

namespace Tributary.Tests.Unit.Docker;

public sealed class DockerTlsTests
{
    private static readonly DateTimeOffset s_from = TimeProvider.System.GetUtcNow().AddDays(-1);

    [Fact]
    public async Task A_tcp_engine_is_reached_with_certificates_of_ones_own()
    {
        using var folder = new TempFolder("tls");
        using var ca = Authority();
        using var server = Issue(ca, "localhost", 2);
        using var client = Issue(ca, "tributary", 3);
        await using var app = await ServeAsync(server, client.Thumbprint);
        var options = new DockerClientOptions
        {
            Endpoint = new Uri($"tcp://localhost:{Port(app)}"),
            CaFile = folder.Write("ca.pem", ca.ExportCertificatePem()),
            CertFile = folder.Write("cert.pem", client.ExportCertificatePem()),
            KeyFile = folder.Write("key.pem", client.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem()),
        };

        using (var docker = new DockerClient(options))
        {
            Assert.Equal(new ApiVersion(1, 41), (await docker.PingAsync()).ApiVersion);
        }

        using var other = Authority();
        options.CaFile = folder.Write("other.pem", other.ExportCertificatePem());
        using var wary = new DockerClient(options);
        await Assert.ThrowsAsync<DockerException>(() => wary.PingAsync());
    }

    [Fact]
    public void A_certificate_file_that_cannot_be_used_is_told_at_once() =>
        Assert.Throws<DockerException>(() => new DockerClient(new DockerClientOptions { Endpoint = new Uri("tcp://localhost"), CaFile = "/nowhere/ca.pem" }));

    private static async Task<WebApplication> ServeAsync(X509Certificate2 server, string clientThumbprint)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(https =>
        {
            https.ServerCertificate = server;
            https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
            https.ClientCertificateValidation = (shown, _, _) => shown.Thumbprint == clientThumbprint;
        })));
        var app = builder.Build();
        app.Run(context =>
        {
            context.Response.Headers["Api-Version"] = "1.41";
            return context.Response.WriteAsync("OK");
        });
        await app.StartAsync();
        return app;
    }

    private static int Port(WebApplication app) =>
        new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;

    private static X509Certificate2 Authority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=ca" + Guid.NewGuid(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(s_from, s_from.AddDays(3));
    }

    private static X509Certificate2 Issue(X509Certificate2 ca, string name, byte serial)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        using var issued = request.Create(ca, s_from, s_from.AddDays(2), [serial]);
        return issued.CopyWithPrivateKey(key);
    }
}
