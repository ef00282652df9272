// A token in software for pki: an RSA key and an elliptic one under ids of their own, the first with its certificate.
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Cygnet.PkiTool.Tests;

/// <summary>One store for the process: the library reads its configuration once, when it is initialized.</summary>
public sealed partial class SoftHsmToken : IDisposable
{
    public const string Library = "/usr/lib/softhsm/libsofthsm2.so", Pin = "1234", RsaId = "50", EcdsaId = "51";

    readonly string _directory = Directory.CreateTempSubdirectory("pki-softhsm").FullName;

    public SoftHsmToken()
    {
        if (WhyNot is not null) return;
        Directory.CreateDirectory($"{_directory}/tokens");
        File.WriteAllText($"{_directory}/softhsm2.conf", $"directories.tokendir = {_directory}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n");
        // .NET keeps its own copy of the environment, which libraries do not see; programs that a test starts get it from that copy.
        Assert.Equal(0, SetEnvironment("SOFTHSM2_CONF", $"{_directory}/softhsm2.conf", 1));
        Environment.SetEnvironmentVariable("SOFTHSM2_CONF", $"{_directory}/softhsm2.conf");
        Run($"softhsm2-util --init-token --free --label pki --pin {Pin} --so-pin 5678");
        Run("openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.pem && openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ecdsa.pem");
        Run($"softhsm2-util --import rsa.pem --token pki --label rsa --id {RsaId} --pin {Pin} && softhsm2-util --import ecdsa.pem --token pki --label ecdsa --id {EcdsaId} --pin {Pin}");
        Run("openssl req -x509 -new -key rsa.pem -subj '/C=CH/CN=card' -days 3650 -outform der -out rsa.der");
        Run($"pkcs11-tool --module {Library} --token-label pki --login --pin {Pin} --write-object rsa.der --type cert --id {RsaId} --label rsa");
    }

    public static string? WhyNot => File.Exists(Library) && File.Exists("/usr/bin/softhsm2-util") && File.Exists("/usr/bin/pkcs11-tool") ? null : "needs softhsm2 and opensc";

    public string PathOf(string file) => $"{_directory}/{file}";

    /// <summary>What strongswan.conf has to say.</summary>
    public static string Conf(string section) => $"{section} {{\n plugins {{\n pkcs11 {{\n modules {{\n soft {{\n path = {Library}\n }}\n }}\n }}\n }}\n}}\n";

    void Run(string command)
    {
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", command]) { WorkingDirectory = _directory, RedirectStandardError = true, RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{command}: {error}{output.Result}");
    }

    public void Dispose() => Directory.Delete(_directory, true);

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}

/// <summary>Skipped, by name, where there is no software token.</summary>
[AttributeUsage(AttributeTargets.Method)]
sealed class SoftHsmTheoryAttribute : TheoryAttribute
{
    public SoftHsmTheoryAttribute() => Skip = SoftHsmToken.WhyNot;
}

/// <summary>The same without cases.</summary>
[AttributeUsage(AttributeTargets.Method)]
sealed class SoftHsmFactAttribute : FactAttribute
{
    public SoftHsmFactAttribute() => Skip = SoftHsmToken.WhyNot;
}
