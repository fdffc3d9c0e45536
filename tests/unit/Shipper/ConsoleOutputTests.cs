using Google.Protobuf;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Logs.V1;
using Tributary.Shipper.Outputs;
using Xunit;

namespace Tributary.Tests.Unit.Shipper;

public sealed class ConsoleOutputTests
{
    [Fact]
    public async Task A_record_is_one_line_with_time_target_and_source() =>
        Assert.Equal(
            "1970-01-01T00:00:01.000Z t web | one\n1970-01-01T00:00:01.000Z t web | two\n",
            await RenderAsync(TestRequest.Batch("t", "one", "two").Request));

    [Fact]
    public async Task Control_characters_of_a_body_or_a_source_are_shown_and_not_obeyed()
    {
        var text = await RenderAsync(TestRequest.Of(
            new LogRecord { Body = new AnyValue { StringValue = "a\u001b[2J\r\nb\tc\u009bx" } },
            TestRequest.Attribute("log.file.path", "/var/log/\u001b]0;title\u0007")).ToByteArray());

        Assert.EndsWith("/var/log/\uFFFD]0;title\uFFFD | a\uFFFD[2J\uFFFD\uFFFDb\tc\uFFFDx\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain(text[..^1], c => char.IsControl(c) && c != '\t');
    }

    [Fact]
    public async Task A_body_that_is_no_text_is_shown_as_json()
    {
        var body = new AnyValue { KvlistValue = new KeyValueList { Values = { TestRequest.Attribute("k", 1), TestRequest.Attribute("s", "x\u001b") } } };

        var text = await RenderAsync(TestRequest.Of(new LogRecord { Body = body }).ToByteArray());

        Assert.EndsWith("| {\"k\":1,\"s\":\"x\\u001b\"}\n", text, StringComparison.Ordinal);
    }

    private static async Task<string> RenderAsync(byte[] request)
    {
        using var writer = new StringWriter();
        using var output = new ConsoleOutput(writer);
        await output.WriteAsync(TestRequest.Batch("t", "x").Batch, request, CancellationToken.None);
        return writer.ToString();
    }
}
