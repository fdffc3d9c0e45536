using Tributary.Config;
using Tributary.Hosting;
using Tributary.Testing;
using Xunit;

namespace Tributary.Tests.Unit.Hosting;

public sealed class AddressTests
{
    [Theory]
    [InlineData("amqp://localhost")]
    [InlineData("amqp://user:p%40ss@host:5673/v")]
    [InlineData("amqps://user:pass@[::1]:5671/")]
    public void A_bus_address_is_an_amqp_uri(string bus) => Assert.Equal(new Uri(bus), BusAddress.Parse(bus));

    [Theory]
    [InlineData("")]
    [InlineData("embedded")]
    [InlineData("localhost:5672")]
    [InlineData("http://user:s3cret@host/")]
    [InlineData("amqp:user:s3cret@host")]
    [InlineData("amqp://user:s3cret@host:99999/")]
    [InlineData("amqp://user:s3cret@")]
    [InlineData("amqp:///v")]
    [InlineData("user:s3cret@host:5672")]
    [InlineData("user:s3@cret@host:5672")]
    [InlineData("//user:s3cret@host")]
    public void A_bad_one_is_refused_without_its_password(string bus)
    {
        var error = Assert.Throws<FormatException>(() => BusAddress.Parse(bus));
        Assert.DoesNotContain("cret", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("amqp://user:password@host:port/vhost", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("amqp://user:s3cret@host:5672/v", "amqp://user:***@host:5672/v")]
    [InlineData("amqp://user:s3:c@r/et@host", "amqp://user:***@host")]
    [InlineData("amqp://user@host", "amqp://user@host")]
    [InlineData("amqp://host:5672", "amqp://host:5672")]
    [InlineData("embedded", "embedded")]
    public void A_password_is_masked(string bus, string masked) => Assert.Equal(masked, BusAddress.Masked(bus));

    [Theory]
    [InlineData("127.0.0.1:8080", "127.0.0.1:8080")]
    [InlineData("localhost:8080", "127.0.0.1:8080")]
    [InlineData("LOCALHOST:1", "127.0.0.1:1")]
    [InlineData(":8080", "0.0.0.0:8080")]
    [InlineData("0.0.0.0:0", "0.0.0.0:0")]
    [InlineData("[::1]:8080", "[::1]:8080")]
    public void A_listen_address_is_address_and_port(string listen, string endPoint) => Assert.Equal(endPoint, ServiceDefaults.ParseEndPoint(listen).ToString());

    [Theory]
    [InlineData("")]
    [InlineData(":")]
    [InlineData("8080")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:")]
    [InlineData("127.0.0.1:x")]
    [InlineData("127.0.0.1:65536")]
    [InlineData("127.0.0.1:-1")]
    [InlineData("localhost")]
    [InlineData("example.org:80")]
    [InlineData("::1")]
    [InlineData("fe80::1:8080")]
    [InlineData("[::1]")]
    public void Another_listen_address_is_refused_and_named(string listen)
    {
        var error = Assert.Throws<FormatException>(() => ServiceDefaults.ParseEndPoint(listen));
        Assert.Contains($"'{listen}'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1:8080")]
    [InlineData("localhost:8080")]
    [InlineData(":8080")]
    [InlineData("[::1]:0")]
    [InlineData("*:8080")]
    [InlineData("node-1:8080")]
    [InlineData("example.org:80")]
    [InlineData("localhost")]
    [InlineData("127.0.0.1:65536")]
    [InlineData("fe80::1:8080")]
    [InlineData("[::1]")]
    [InlineData(":")]
    public void A_listen_address_that_validates_is_one_that_can_be_bound(string listen)
    {
        var validates = ConfigurationReader.ReadText("t", $"apiVersion: tributary.io/v1alpha1\nkind: Node\nspec: {{listen: '{listen}'}}\n", _ => null).IsValid;

        Assert.Equal(Record.Exception(() => ServiceDefaults.ParseEndPoint(listen)) is null, validates);
    }

    [Fact]
    public void A_port_that_somebody_listens_on_is_not_free()
    {
        var listen = $"127.0.0.1:{FreePort.Next()}";
        Assert.True(ServiceDefaults.IsFree(listen));
        using var listener = new System.Net.Sockets.TcpListener(ServiceDefaults.ParseEndPoint(listen));
        listener.Start();
        Assert.False(ServiceDefaults.IsFree(listen));
    }
}
