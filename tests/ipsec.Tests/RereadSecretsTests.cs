// ipsec rereadsecrets: what is sent, what is asked, and what is said when nothing is to change.
using System.Text;
using Cygnet.Command.Commands;
using Cygnet.Linux;

namespace Cygnet.Command.Tests;

public sealed class RereadSecretsTests : IDisposable
{
    readonly string _etc = Directory.CreateTempSubdirectory("reread").FullName;
    readonly StringWriter _out = new(), _error = new();
    readonly List<string> _asked = [];
    readonly Queue<string> _answers = new();

    public void Dispose() => Directory.Delete(_etc, true);

    CannedVici Run(string secrets, CannedVici? charon = null, string word = "rereadsecrets")
    {
        File.WriteAllText($"{_etc}/ipsec.secrets", secrets);
        charon ??= new CannedVici().Yes("x-begin").Yes("x-clear-secrets").Yes("load-shared").Yes("load-key").Yes("load-cert").Yes("x-replace-certs").Yes("x-commit").Yes("x-abort");
        var world = new Surroundings(new("/usr", _etc, _etc, _etc, $"{_etc}/strongswan.conf"), _out, _error) { Connect = () => charon, AskSecret = Ask };
        File.WriteAllText(world.Paths.CharonPidFile, "1\n");
        Assert.Equal(0, Ipsec.Run(world, "ipsec", [word]));
        return charon;
    }

    byte[]? Ask(string text)
    {
        _asked.Add(text);
        return _answers.TryDequeue(out var answer) ? Encoding.UTF8.GetBytes(answer) : null;
    }

    static string[] Commands(CannedVici charon) => [.. charon.Requests.Select(r => r.Split(' ')[0])];

    [Fact]
    public void EverythingIsReplacedInOneTransaction()
    {
        var charon = Run("@a : PSK x\ncarol : EAP y\n");
        Assert.Equal(["x-begin", "x-clear-secrets", "load-shared", "load-shared", "x-commit"], Commands(charon));
        Assert.Equal($"x-clear-secrets x-source=ipsec.secrets file={_etc}/ipsec.secrets anew=yes lines", charon.Requests[1]);
        Assert.Equal("load-shared id=ipsec.secrets:2 type=eap data=y x-source=ipsec.secrets x-path=carol owners", charon.Requests[3]);
        Assert.Equal("", _out.ToString() + _error);
    }

    [Fact]
    public void RereadallBeginsWithTheSecrets() =>
        Assert.Equal(["x-begin", "x-clear-secrets", "load-shared", "x-commit", "x-begin", "x-replace-certs", "x-commit", "x-begin", "x-replace-certs", "x-commit",
            "x-begin", "x-commit", "x-begin", "x-commit", "x-begin", "x-commit"], Commands(Run("@a : PSK x\n", word: "rereadall")));

    [Fact]
    public void AnEmptyFileForgetsEverything() => Assert.Equal(["x-begin", "x-clear-secrets", "x-commit"], Commands(Run("")));

    [Fact]
    public void AWrongLineChangesNothing()
    {
        var charon = Run("@a : PSK x\n@b : PKS y\n: RSA\n");
        Assert.Empty(charon.Requests);
        Assert.Equal($"line 2: token must be either RSA, ECDSA, PKCS8, P12, PIN, PSK, EAP, XAUTH or NTLM\n{_etc}/ipsec.secrets:2:6: 'PKS': expected RSA, ECDSA, PKCS8, P12, PIN, PSK, EAP, XAUTH or NTLM; did you mean 'PSK'?\n"
            + $"line 3: empty filename\n{_etc}/ipsec.secrets:3:6: expected the name of a file in ipsec.d/private, found the end of the line\nthe secrets that were loaded before stay\n", _error.ToString());
    }

    [Fact]
    public void WhatTheDaemonRefusesChangesNothing()
    {
        var charon = Run("@a : PSK x\n@b : PSK y\n", new CannedVici().Yes("x-begin").Yes("x-clear-secrets").Yes("load-shared").No("load-shared", "no").Yes("x-commit").Yes("x-abort"));
        Assert.Equal(["x-begin", "x-clear-secrets", "load-shared", "load-shared", "x-abort"], Commands(charon));
        Assert.Equal("load-shared 'ipsec.secrets:2' failed: no\nthe secrets that were loaded before stay\n", _error.ToString());
    }

    [Fact]
    public void AKeyThatCannotBeHadIsLeftOut()
    {
        var charon = Run(": RSA none.pem\n@a : PSK x\n");
        Assert.Equal(["x-begin", "x-clear-secrets", "load-shared", "x-commit"], Commands(charon));
        Assert.Equal($"  loading private key from '{_etc}/ipsec.d/private/none.pem' failed\n{_etc}/ipsec.secrets:1:1: 'none.pem': the file cannot be read\n", _error.ToString());
    }

    [Fact]
    public void PassphrasesAreAskedFor()
    {
        Directory.CreateDirectory($"{_etc}/ipsec.d/private");
        using var ec = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        File.WriteAllBytes($"{_etc}/ipsec.d/private/k.der", ec.ExportEncryptedPkcs8PrivateKey("secret",
            new(System.Security.Cryptography.PbeEncryptionAlgorithm.Aes128Cbc, System.Security.Cryptography.HashAlgorithmName.SHA256, 100)));
        foreach (var answer in (string[])["wrong", "secret", "1", "2", "3"]) _answers.Enqueue(answer);
        var charon = Run(": PKCS8 k.der %prompt\n: PKCS8 k.der %prompt\n: PKCS8 k.der %prompt\n");
        Assert.Equal(["x-begin", "x-clear-secrets", "load-key", "x-commit"], Commands(charon));
        var prompt = $"Private key '{_etc}/ipsec.d/private/k.der' is encrypted.\nPassphrase: ";
        Assert.Equal([prompt, $"Passphrase invalid!\n{prompt}", prompt, $"Passphrase invalid!\n{prompt}", $"Passphrase invalid!\n{prompt}", prompt], _asked);
        Assert.Equal("Passphrase invalid, giving up.\n", _out.ToString());
    }

    [Fact]
    public void WithoutADaemonNothingIsSaid()
    {
        var world = new Surroundings(new("/usr", _etc, _etc, _etc, $"{_etc}/strongswan.conf"), _out, _error) { Connect = () => throw new InvalidOperationException() };
        Assert.Equal(7, Ipsec.Run(world, "ipsec", ["rereadsecrets"]));
        Assert.Equal(7, Ipsec.Run(world, "ipsec", ["secrets"]));
        Assert.Equal("", _out.ToString() + _error);
    }
}
