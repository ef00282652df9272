// A folder of credentials, our pki in this process, and the programs that it is compared with.
using System.Diagnostics;
using System.Text;

namespace Cygnet.PkiTool.Tests;

/// <summary>What a run gave.</summary>
sealed record Outcome(int Exit, byte[] Output, string Error)
{
    public string Text => Encoding.UTF8.GetString(Output);
}

/// <summary>Where a test works; the folder vanishes with it.</summary>
sealed class Desk : IDisposable
{
    public const string Dates = "--not-before 20200101000000 --not-after 20490101000000 --dateform %Y%m%d%H%M%S";

    /// <summary>The same for CRLs.</summary>
    public const string Updates = "--this-update 20200101000000 --next-update 20490101000000 --dateform %Y%m%d%H%M%S";

    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pki-test-");

    public Func<string, string?> AskSecret { get; init; } = _ => null;

    /// <summary>strongswan.conf of both programs; there is none unless a test writes it.</summary>
    string Conf => this["strongswan.conf"];

    public string this[string name] => Path.Combine(_folder.FullName, name);

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>Our pki. Arguments are words as in a shell; a word of @name is the path of that file here.</summary>
    public Outcome Pki(string arguments, byte[]? input = null)
    {
        using var output = new MemoryStream();
        var error = new StringWriter();
        var world = new Surroundings(() => new MemoryStream(input ?? []), output, error) { Now = DateTimeOffset.UtcNow, AskSecret = AskSecret, Conf = () => PkiConf.Read(Conf) };
        return new(PkiTool.Pki.Run(world, Split(arguments)), output.ToArray(), error.ToString());
    }

    /// <summary>Our pki, which must succeed; what it makes goes into the file.</summary>
    public byte[] Make(string file, string arguments)
    {
        var outcome = Pki(arguments);
        Assert.True(outcome.Exit == 0, $"pki {arguments}: {outcome.Error}");
        File.WriteAllBytes(this[file], outcome.Output);
        return outcome.Output;
    }

    /// <summary>The reference's pki.</summary>
    public Outcome Reference(string arguments, byte[]? input = null) => Run(ReferenceFactAttribute.Program, arguments, input);

    public byte[] MakeByReference(string file, string arguments)
    {
        var outcome = Reference(arguments);
        Assert.True(outcome.Exit == 0, $"reference: pki {arguments}: {outcome.Error}");
        File.WriteAllBytes(this[file], outcome.Output);
        return outcome.Output;
    }

    /// <summary>openssl, which must succeed.</summary>
    public string OpenSsl(string arguments)
    {
        var outcome = Run("openssl", arguments, null);
        Assert.True(outcome.Exit == 0, $"openssl {arguments}: {outcome.Error}{outcome.Text}");
        return outcome.Text + outcome.Error;
    }

    Outcome Run(string program, string arguments, byte[]? input)
    {
        var start = new ProcessStartInfo(program, Split(arguments)) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["TZ"] = "UTC";
        if (File.Exists(Conf)) start.Environment["STRONGSWAN_CONF"] = Conf;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        using var output = new MemoryStream();
        if (input is not null) process.StandardInput.BaseStream.Write(input);
        process.StandardInput.Close();
        process.StandardOutput.BaseStream.CopyTo(output);
        process.WaitForExit();
        return new(process.ExitCode, output.ToArray(), error.Result);
    }

    List<string> Split(string arguments) => [.. Arguments.Words(arguments).Select(w => w is ['@', .. var name] && Path.Exists(this[name]) ? this[name] : w)];
}

/// <summary>A test that compares with strongSwan's pki; skipped, by name, where it is not installed.</summary>
sealed class ReferenceFactAttribute : FactAttribute
{
    public const string Program = "/usr/bin/pki";

    public ReferenceFactAttribute() => Skip = File.Exists(Program) ? null! : "strongSwan's pki is not installed (strongswan-pki)";
}

/// <summary>The same with cases.</summary>
sealed class ReferenceTheoryAttribute : TheoryAttribute
{
    public ReferenceTheoryAttribute() => Skip = File.Exists(ReferenceFactAttribute.Program) ? null! : "strongSwan's pki is not installed (strongswan-pki)";
}
