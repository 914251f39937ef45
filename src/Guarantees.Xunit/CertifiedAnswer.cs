using Guarantees.Certificates;

namespace Guarantees.Xunit;

/// <summary>What is known of a claim that passed.</summary>
/// <param name="Result">Verdict, enclosure, witness.</param>
/// <param name="CertificateFile">The certificate, which <c>certify check</c> derives again.</param>
public sealed record CertifiedAnswer(ClaimResult Result, string CertificateFile);
