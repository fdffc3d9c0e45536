using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Tributary.Config;
using Xunit;

namespace Tributary.Tests.Unit.Config;

/// <summary>Whatever a file holds, the answer is either a configuration or errors with a place in the file. FsCheck prints the seed of a failure.</summary>
public sealed class ConfigurationFuzzTests
{
    private static readonly byte[][] Seeds =
    [
        .. Directory.GetFiles(ProjectRoot.PathOf("tests", "unit", "Config", "cases"), "input*.yaml", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .Select(File.ReadAllBytes),
    ];

    private static readonly byte[][] Pieces =
    [
        .. new[]
        {
            "---", "...", "\t", "\n", "\r", " ", "{", "}", "[", "]", ":", ": ", "- ", "? ", "&a", "*a", "!!str", "!", "|\n", ">-\n", "\"", "'", "#", "%YAML 1.2\n",
            "%TAG ! x\n", "${", "${A}", "$${", "~", "null", "<<: ", "é", "\u2028", "\u0085", "\uFEFF", "\0", "\x1b", "\\x", "\"\\U0010FFFF\"", "\"\\ud800\"", "@", "`", "metadata", "spec:",
        }.Select(Encoding.UTF8.GetBytes),
        [0xFF], [0xC3], [0xED, 0xA0, 0x80],
    ];

    [Fact]
    public void Random_bytes_never_throw() =>
        Check(Gen.Choose(0, 255).Select(value => (byte)value).ArrayOf());

    [Fact]
    public void Random_yaml_pieces_never_throw() =>
        Check(Gen.Elements(Pieces).ListOf().Select(pieces => pieces.SelectMany(piece => piece).ToArray()));

    [Fact]
    public void Mutated_documents_never_throw()
    {
        var mutation =
            from position in Gen.Choose(0, 10_000)
            from removed in Gen.Choose(0, 12)
            from piece in Gen.Elements(Pieces)
            select (position, removed, piece);
        Check(
            from seed in Gen.Elements(Seeds)
            from mutations in mutation.ListOf()
            select mutations.Take(8).Aggregate(seed, (bytes, change) => Mutate(bytes, change.position, change.removed, change.piece)));
    }

    private static byte[] Mutate(byte[] bytes, int position, int removed, byte[] piece)
    {
        var at = bytes.Length == 0 ? 0 : position % bytes.Length;
        return [.. bytes[..at], .. piece, .. bytes[Math.Min(bytes.Length, at + removed)..]];
    }

    private static void Check(Gen<byte[]> contents) =>
        Prop.ForAll(contents.ToArbitrary(), content =>
        {
            var result = ConfigurationReader.ReadBytes("fuzz.yaml", content, name => name == "A" ? "a" : null);
            var lines = content.Count(value => value is (byte)'\n' or (byte)'\r') + content.Length / 2 + 2;
            return result.IsValid == (result.Errors.Count == 0)
                && result.Errors.All(error => error.Line >= 0 && error.Line <= lines && error.Column >= 0 && error.Message.Length > 0)
                && result.Errors.All(error => !error.ToString().Any(c => char.IsControl(c)));
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(3_000));
}
