// Makes certificates at run time with .NET, so that every defect can be built in.
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cygnet.Pki;

namespace Cygnet.Tests.Pki;

/// <summary>A key with a certificate that can issue others. Names are CNs.</summary>
sealed class TestAuthority
{
    public static readonly DateTimeOffset Now = new(2030, 6, 1, 12, 0, 0, TimeSpan.Zero);

    readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    readonly X500DistinguishedName _name;

    public Certificate Certificate { get; }

    public byte[] Pkcs8 => _key.ExportPkcs8PrivateKey();

    public TestAuthority(string name, TestAuthority? issuer = null, bool isCa = true, int? pathLength = null, DateTimeOffset? from = null, DateTimeOffset? to = null,
        X509KeyUsageFlags? usage = null, params X509Extension[] extensions)
        : this(new X500DistinguishedName($"CN={name}"), issuer, isCa, pathLength, from, to, usage, extensions)
    {
    }

    public TestAuthority(X500DistinguishedName name, TestAuthority? issuer = null, bool isCa = true, int? pathLength = null, DateTimeOffset? from = null, DateTimeOffset? to = null,
        X509KeyUsageFlags? usage = null, params X509Extension[] extensions)
    {
        _name = name;
        var request = new CertificateRequest(_name, _key, HashAlgorithmName.SHA256);
        if (isCa || pathLength is not null) request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isCa, pathLength is not null, pathLength ?? 0, true));
        if (usage is { } flags) request.CertificateExtensions.Add(new X509KeyUsageExtension(flags, true));
        foreach (var extension in extensions) request.CertificateExtensions.Add(extension);
        Certificate = Issue(request, issuer ?? this, from, to);
    }

    static Certificate Issue(CertificateRequest request, TestAuthority issuer, DateTimeOffset? from, DateTimeOffset? to)
    {
        using var made = request.Create(issuer._name, X509SignatureGenerator.CreateForECDsa(issuer._key), from ?? Now.AddDays(-10), to ?? Now.AddDays(10),
            RandomNumberGenerator.GetBytes(8));
        return Certificate.TryParse(made.RawData, out var reason) ?? throw new InvalidOperationException(reason);
    }

    /// <summary>Another certificate for the key and name of this, from another issuer.</summary>
    public Certificate CrossSignedBy(TestAuthority issuer, params X509Extension[] extensions)
    {
        var request = new CertificateRequest(_name, _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        foreach (var extension in extensions) request.CertificateExtensions.Add(extension);
        return Issue(request, issuer, null, null);
    }

    public TestAuthority Leaf(string name, params X509Extension[] extensions) => new(name, this, isCa: false, extensions: extensions);

    public static X509Extension Names(Action<SubjectAlternativeNameBuilder> add)
    {
        var builder = new SubjectAlternativeNameBuilder();
        add(builder);
        return builder.Build();
    }

    public static X509Extension Dns(params string[] names) => Names(b =>
    {
        foreach (var name in names) b.AddDnsName(name);
    });
}
