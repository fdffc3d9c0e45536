using Tributary.Tests.Unit.Config;
using Xunit;

namespace Tributary.Tests.Unit.Contracts;

/// <summary>
/// A message's full type name and its properties are wire format: chosen once; only optional properties are added, and a
/// change of meaning is a new type.
/// </summary>
public sealed class ApprovedContractsTests
{
    [Fact]
    public void The_contracts_are_those_that_were_approved()
    {
        var path = ProjectRoot.PathOf("tests", "unit", "Contracts", "approved-contracts.txt");
        var rendered = ContractText.Render();
        if (ProjectRoot.IsAccepting)
        {
            File.WriteAllText(path, rendered);
        }

        var approved = File.Exists(path) ? File.ReadAllText(path) : "";
        var difference = approved.Split('\n').Except(rendered.Split('\n')).Select(line => "- " + line)
            .Concat(rendered.Split('\n').Except(approved.Split('\n')).Select(line => "+ " + line));
        Assert.True(
            approved == rendered,
            $"The contracts differ from {path}:\n{string.Join('\n', difference)}\nIf old and new processes still understand each other, accept it: TRIBUTARY_ACCEPT=1 dotnet run --project tests/unit -- -class '*ApprovedContractsTests', and commit the file.");
    }
}
