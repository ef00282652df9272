// The load generator's credentials: one secret for everybody, one certificate of each kind for all clients.
using Cygnet.Auth;
using Cygnet.Crypto;
using Cygnet.Interop.Testbed;
using Cygnet.Pki;

namespace Cygnet.Benchmarks.Load;

static class LoadCredentials
{
    public const string Secret = "0sFpZAZqEN6Ti9sqt4ZP5EWcqx", Password = "a password of no owner";

    /// <summary>The test bed's host whose certificates the clients use.</summary>
    public const string Host = "moon";

    public static CredentialStore Make()
    {
        var store = new CredentialStoreBuilder()
            .Add(new SharedSecret(SecretClass.Ike, System.Text.Encoding.ASCII.GetBytes(Secret), []))
            .Add(new SharedSecret(SecretClass.Eap, System.Text.Encoding.ASCII.GetBytes(Password), []))
            .Add(Certificate("ca"));
        foreach (var kind in (ReadOnlySpan<string>)["rsa", "ecdsa"])
        {
            store.Add(Certificate($"{Host}-{kind}"));
            store.Add(Key($"{Host}-{kind}"));
        }
        return store.Build();
    }

    public static Certificate Certificate(string name) =>
        Pki.Certificate.TryParse(File.ReadAllBytes(TestPki.PathOf($"{name}.pem")), out var reason) ?? throw new BedFailure($"{name}.pem: {reason}");

    static SoftwareKey Key(string name) =>
        PrivateKeyFile.Read(File.ReadAllBytes(TestPki.PathOf($"{name}.key")), [], out var reason) is { } der && SoftwareKey.FromDer(der, out reason) is { } key
            ? key : throw new BedFailure($"{name}.key: {reason}");
}
